// What carrying out actions is asked for with, and what it gives. Does nothing.

import type { Action, ExecPath } from "../action/action.ts";
import type { Host } from "../base/host.ts";
import type { Journal } from "../why/journal.ts";
import type { Equipment } from "./equipment.ts";
import type { ActionCounts, Listen } from "./event.ts";
import type { Download } from "./looking-up.ts";
import type { RemoteRunner } from "./remote-runner.ts";
import type { SharedResults } from "./shared-results.ts";

/** What to carry out, and how. */
export interface ExecutionRequest {
  readonly actions: readonly Action[];
  /** The outputs that are wanted. */
  readonly wanted: readonly ExecPath[];
  /** The outputs that are to be laid out; absent: those that are wanted. */
  readonly placed?: readonly ExecPath[];
  readonly equipment: Equipment;
  readonly jobs: number;
  readonly keepGoing: boolean;
  /** How many of the known results to verify, from 0 to 1; absent: none. */
  readonly verifyShare?: number;
  /** See `ExecutorParts`; then those are verified. Absent: what is known here counts as well. */
  readonly onlyShared?: boolean;
  /**
   * Whether results of what actions yield are looked for as a whole, and kept so. Absent: each is by
   * itself, as whoever follows or verifies single actions wants it.
   */
  readonly takesWhole?: boolean;
  /** Where it is written down what was not up to date, and why; absent: nowhere. */
  readonly journal?: Pick<Journal, "add">;
  /** Runs actions, here or elsewhere; absent: here. */
  readonly runner?: RemoteRunner | undefined;
  /** How many actions run elsewhere at once; absent: one. */
  readonly remoteJobs?: number;
  /** Results of other machines; absent: there are none. */
  readonly shared?: SharedResults | undefined;
  /** Which files of them come here; absent: all. */
  readonly download?: Download;
  /** See `ExecutorParts`; absent: of none. */
  readonly mayLack?: (action: Action) => boolean;
  /** See `KeySource`. */
  readonly scope?: string | undefined;
  /** Whether events say which commands run; absent: they do not, as that is much text. */
  readonly tellsCommands?: boolean;
  readonly listen: Listen;
  readonly host: Pick<Host, "now" | "epochMs" | "processId" | "spendYoungMemory">;
  readonly signal: AbortSignal;
}

/** What became of the actions. */
export interface Execution {
  /** True when all that is wanted is there. */
  readonly ok: boolean;
  readonly counts: ActionCounts;
  /** See `RemoteUse`. */
  readonly savedMs: number;
}
