// Which kind of sandbox a build gets, and why.

import { mkdirSync } from "node:fs";

import { type Bubblewrap, openBubblewrap } from "./bubblewrap.ts";
import { problemWith } from "./bubblewrap-probe.ts";
import { findProgram } from "./program-file.ts";

/**
 * - `none`: one tree for the whole build; an action sees whatever others had as inputs or made;
 * - `links`: a tree for each action, from which absolute paths and symbolic links lead out;
 * - `bwrap`: as `links`, but nothing else can be seen nor reached, and paths are always the same.
 */
export type SandboxKind = "none" | "links" | "bwrap";

/** What a build gets. `reason` is a sentence without full stop, for people. */
export type SandboxChoice =
  | { readonly kind: "none" | "links"; readonly reason: string }
  | { readonly kind: "bwrap"; readonly reason: string; readonly bubblewrap: Bubblewrap }
  /** It was asked for by name, and does not work. */
  | { readonly kind: "unusable"; readonly reason: string };

/** What deciding takes. */
export interface ChoiceOptions {
  /** PATH of the actions. */
  readonly path: string;
  /** Where a fixed /etc can be made. */
  readonly etc: string;
  /** A directory, which need not be there, to try bubblewrap in. */
  readonly probe: () => string;
}

/** Decides for `kind`. Only `auto` and `bwrap` start a process, once. */
export async function chooseSandbox(
  kind: SandboxKind | "auto",
  { path, etc, probe }: ChoiceOptions,
): Promise<SandboxChoice> {
  if (kind === "none" || kind === "links") return { kind, reason: "it was asked for" };
  const program = findProgram("bwrap", `${path}:/usr/local/bin:/usr/bin:/bin`, "/");
  const fallBack = (reason: string): SandboxChoice =>
    kind === "auto" ? { kind: "links", reason } : { kind: "unusable", reason };
  if (program === undefined) return fallBack("bwrap (bubblewrap) is not installed");
  const bubblewrap = openBubblewrap(program, path, etc);
  const root = probe();
  mkdirSync(root, { recursive: true });
  const problem = await problemWith(bubblewrap, root);
  if (problem !== undefined) return fallBack(problem);
  return { kind: "bwrap", reason: `${program} works here`, bubblewrap };
}
