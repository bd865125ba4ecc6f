import type { Influence, KconfigSymbol, Property } from "./symbol.ts";
import type { Tristate } from "./tristate.ts";

/** What an option comes to, and how. */
export interface Resolved {
  /** As in a `.config`, but without quotes. */
  readonly value: string;
  /** How far it is on; n for options that are neither bool nor tristate. */
  readonly tristate: Tristate;
  /** How far a user can set it. */
  readonly visibility: Tristate;
  /** Whether a `.config` has a line for it. */
  readonly isWritten: boolean;
  readonly cause: Cause;
  /** The range that bent the value; undefined when none did. */
  readonly bentBy: Property | undefined;
  /** Of a choice: the member that is y. */
  readonly chosen: KconfigSymbol | undefined;
}

/** Where a value comes from. */
export type Cause =
  | { readonly kind: "user" }
  | { readonly kind: "default"; readonly property: Property }
  | { readonly kind: "select" | "imply"; readonly by: readonly Influence[] }
  /** It is, or is not, what its choice came to. */
  | { readonly kind: "choice"; readonly choice: KconfigSymbol }
  /** Nothing was said of it. */
  | { readonly kind: "none" };

/** What a symbol of which nothing is said comes to. */
export const nothing: Resolved = {
  value: "",
  tristate: 0,
  visibility: 0,
  isWritten: false,
  cause: { kind: "none" },
  bentBy: undefined,
  chosen: undefined,
};

/** Whether `symbol` is on or off, and no text or number. */
export function isLogical({ type }: KconfigSymbol): boolean {
  return type === "bool" || type === "tristate";
}
