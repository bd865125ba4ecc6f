// The part of Nix that is data: sets, lists and literals. Knows no schema.

import type { Span } from "../../../src/index.ts";

/** A value of a Nix file, with its place. */
export type NixValue =
  | { readonly kind: "set"; readonly at: Span; readonly entries: ReadonlyMap<string, NixEntry> }
  | { readonly kind: "list"; readonly at: Span; readonly items: readonly NixValue[] }
  | { readonly kind: "string"; readonly at: Span; readonly text: string }
  /** A number, `true`, `false`, `null` or a path, as it is written. */
  | { readonly kind: "literal"; readonly at: Span; readonly text: string };

/** A name in a set, with its value. */
export interface NixEntry {
  readonly name: string;
  readonly nameAt: Span;
  readonly value: NixValue;
}

/** The first mistake in a Nix file, which ends its reading. */
export class NixError extends Error {
  override readonly name = "NixError";
  readonly at: Span;
  readonly help: string | undefined;

  constructor(message: string, at: Span, help?: string) {
    super(message);
    this.at = at;
    this.help = help;
  }
}
