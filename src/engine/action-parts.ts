// What carrying out actions takes, whatever their kind.

import type { Action } from "../action/action.ts";
import type { Store } from "../store/store.ts";
import type { Why } from "./done.ts";
import type { Explainer } from "./explainer.ts";
import type { Inputs } from "./inputs.ts";
import type { Records } from "./records.ts";
import type { Running } from "./runner.ts";
import type { FilesWanted, SharedResults } from "./shared-results.ts";
import type { Toolchain } from "./toolchain.ts";

/** What each of those takes that carry out one kind of action. */
export interface ActionParts {
  readonly store: Store;
  readonly records: Records;
  readonly inputs: Inputs;
  readonly toolchain: Toolchain;
  /** Runs what nobody knows the result of. */
  readonly runner: Running;
  /** Hears that an action is about to run, and why. */
  readonly starting: (action: Action, why: Why) => void;
  readonly explainer: Explainer;
  /** Results of other machines; absent: there are none. */
  readonly shared?: SharedResults | undefined;
  /**
   * Whether only those count as known, as they are to be looked into: what is known here may well come from
   * them. Then nothing is remembered.
   */
  readonly onlyShared: boolean;
  /** Which files of a result of others are to be here when `action` is done. */
  readonly filesOf: (action: Action) => FilesWanted;
  /** See `KeySource`. */
  readonly scope?: string | undefined;
}
