import type { BaseContext } from "clipanion";

import type { Host } from "../base/host.ts";
import type { EngineIdentity } from "../engine/build.ts";
import type { BuiltInRuleSets } from "../engine/repository.ts";

/** What commands may touch: made once in main.ts, faked in tests. */
export interface KraftContext extends BaseContext {
  readonly host: Host;
  readonly builtIn: BuiltInRuleSets;
  readonly engine: EngineIdentity;
  /** Of Node, without the `v`. */
  readonly nodeVersion: string;
  /** What stood behind `--` on the command line. */
  readonly afterDashes: readonly string[];
  /** How large the terminal behind `stderr` is just now; undefined when that is a file or a pipe. */
  readonly screen: () => { readonly columns: number; readonly rows: number } | undefined;
  /** Whether text on `stderr` may be coloured. */
  readonly hasColor: boolean;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}

/**
 * What a command ends with; see DESIGN, "What users see". `unread`: it was cancelled, as whoever
 * read its output went away; a shell says so of programs that SIGPIPE ends.
 */
export const exitCodes = { ok: 0, failed: 1, refused: 2, interrupted: 130, unread: 141 } as const;
