// How many actions of a build ended in which way. Decides nothing.

import type { ExecPath } from "../action/action.ts";
import { type ActionCounts, type ActionOutcome, noActions } from "./event.ts";

/** Counts actions, each once, by what became of it last. */
export class Tally {
  readonly #counts: Record<ActionOutcome, number> = { ...noActions };
  readonly #outcomes = new Map<ExecPath, ActionOutcome>();

  /** `settled` actions are up to date before any is looked at. */
  constructor(settled = 0) {
    this.#counts.upToDate = settled;
  }

  get counts(): ActionCounts {
    return this.#counts;
  }

  add(id: ExecPath, outcome: ActionOutcome): void {
    this.#counts[outcome] += 1;
    this.#outcomes.set(id, outcome);
  }

  /** Takes back what was said of `id`, which is not over after all. */
  takeBack(id: ExecPath): void {
    // One that nothing was said of was settled before.
    this.#counts[this.#outcomes.get(id) ?? "upToDate"] -= 1;
    this.#outcomes.delete(id);
  }
}
