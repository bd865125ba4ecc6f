// Takes results of actions into a build. Runs nothing.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { ActionResult } from "../action/result.ts";
import { isNodeComplete } from "../store/completeness.ts";
import type { Store } from "../store/store.ts";
import { type Demand, trusts } from "./demand.ts";
import type { Inputs } from "./inputs.ts";
import { unmountedResult } from "./mounted.ts";
import type { ActionRecord, ReadSet, Records } from "./records.ts";
import type { ActionState } from "./state-of.ts";

/** What taking in changes, or looks at. */
export interface ResultsParts {
  readonly records: Records;
  readonly inputs: Inputs;
  readonly store: Pick<Store, "cas">;
  /** See `ExecutorParts`. */
  readonly onlyShared: boolean;
  /** Hears what a result that is to be remembered came from, before it is. */
  readonly remembering: (action: Action, remembered: Remembered) => void;
  /** Hears what the compiler read for the result of an action that is taken in. */
  readonly readBy: (id: ExecPath, reads: ReadSet) => void;
}

/** What a result is to be remembered by. */
export interface Remembered {
  readonly state: ActionState;
  /** It was made before, and is taken from a cache; absent: just now. */
  readonly isTaken?: true;
  /** Of a compile action. */
  readonly reads?: ReadSet | undefined;
}

/** Makes results known to the actions that read them, and to later builds. */
export class Results {
  readonly #parts: ResultsParts;

  constructor(parts: ResultsParts) {
    this.#parts = parts;
  }

  /** Uses the outputs of `record`, unless they do not meet `demand`: then it gives false. */
  adopt({ id, outputs, reads }: ActionRecord, demand: Demand): boolean {
    const { store, inputs } = this.#parts;
    if (!trusts(demand)) return false;
    const isThere = ([, node]: ActionRecord["outputs"][number]) => isNodeComplete(node, store.cas);
    if (demand.isWhole && !outputs.every(isThere)) return false;
    inputs.addOutputs(new Map(outputs));
    if (reads !== undefined) this.#parts.readBy(id, reads);
    return true;
  }

  /**
   * Uses `result`, in which paths are as `action` sees them. Nothing is remembered when nobody can
   * tell what it came from.
   */
  take(action: Action, result: ActionResult, remembered: Remembered | undefined): void {
    const { records, inputs } = this.#parts;
    const { outputs, wallMs } = unmountedResult(action, result);
    inputs.addOutputs(outputs);
    if (remembered === undefined || this.#parts.onlyShared) return;
    const { state, reads } = remembered;
    this.#parts.remembering(action, remembered);
    if (reads !== undefined) this.#parts.readBy(actionId(action), reads);
    const known = reads === undefined ? {} : { reads };
    records.add({ id: actionId(action), outputs: [...outputs], wallMs, ...state, ...known });
  }

  /** What `action` printed for users when `result` was made: of a program all, else its errors. */
  printedBy(action: Action, { stdout, stderr }: ActionResult): string {
    const stream = action.kind === "command" || action.kind === "compile" ? stderr : stdout;
    return this.#parts.store.cas.read(stream)?.toString() ?? "";
  }
}
