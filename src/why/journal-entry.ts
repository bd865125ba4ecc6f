// What is written down of builds: a line of JSON for each of these. Knows no file.

import type { ExecPath } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { Label } from "../label/label.ts";
import type { Cause } from "./cause.ts";

/** A line of a journal; `begin` is the first, `end` the last unless the build was killed. */
export type JournalLine = JournalBegin | ActionEntry | LaidOutEntry | JournalEnd;

/** Which build it was. */
export interface JournalBegin {
  readonly kind: "begin";
  readonly version: 1;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** As typed. */
  readonly patterns: readonly string[];
  /** What those chose, sorted. */
  readonly targets: readonly Label[];
  /** Of the engine. */
  readonly engine: string;
  /** Each setting that was said, as JSON by its name. */
  readonly settings: Readonly<Record<string, string>>;
  /** The files that say what is to be built: a short digest by path, absolute outside of the root. */
  readonly files: Readonly<Record<string, string>>;
}

/** An action that was not up to date. */
export interface ActionEntry {
  readonly kind: "action";
  readonly id: ExecPath;
  readonly mnemonic: string;
  readonly subject: string;
  readonly owner: Label;
  /** `differs`: of no build, but of two records that are compared. */
  readonly outcome: "localHit" | "remoteHit" | "executed" | "failed" | "differs";
  readonly causes: readonly Cause[];
  /** Of files in `causes` that actions make: which action that is, by path. */
  readonly makers?: Readonly<Record<ExecPath, ExecPath>>;
  /** The action that listed this one. */
  readonly yieldedBy?: ExecPath;
  /** Outputs that differ from those of its last success here; absent when there was none. */
  readonly changed?: readonly OutputChange[];
  readonly wallMs: number;
  /** When it ended, in milliseconds since 1970; absent in what older versions wrote. */
  readonly endedMs?: number;
  /** See `Why.key`; absent when it was not to be known. */
  readonly key?: Digest;
}

/** An output that is another one. */
export interface OutputChange {
  readonly path: ExecPath;
  readonly from?: Node;
  readonly to?: Node;
}

/** An output that was not as it had been left, and was laid out again. */
export interface LaidOutEntry {
  readonly kind: "laid-out";
  readonly path: ExecPath;
}

/** How it ended. */
export interface JournalEnd {
  readonly kind: "end";
  readonly ok: boolean;
  /** How many actions had each outcome. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A build as it was written down. */
export interface JournaledBuild {
  readonly begin: JournalBegin;
  /** In the order in which they ended: what an action needs comes before it. */
  readonly actions: readonly ActionEntry[];
  readonly laidOut: readonly LaidOutEntry[];
  /** Absent when it was killed. */
  readonly end?: JournalEnd;
}
