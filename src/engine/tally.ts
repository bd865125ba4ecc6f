// How many actions of a build ended in which way. Decides nothing.

import type { ExecPath } from "../action/action.ts";
import { type ActionCounts, type ActionOutcome, noActions } from "./event.ts";

/** Counts actions, each once, by what became of it last. */
export class Tally {
  readonly #counts: Record<ActionOutcome, number> = { ...noActions };
  readonly #outcomes = new Map<ExecPath, ActionOutcome>();
  /** What others' results spared, of actions that have any of it. */
  readonly #savedMs = new Map<ExecPath, number>();

  /** `settled` actions are up to date before any is looked at. */
  constructor(settled = 0) {
    this.#counts.upToDate = settled;
  }

  get counts(): ActionCounts {
    return this.#counts;
  }

  /** How long the actions ran elsewhere, one after the other, whose results were taken from there. */
  get savedMs(): number {
    return [...this.#savedMs.values()].reduce((sum, ms) => sum + ms, 0);
  }

  add(id: ExecPath, outcome: ActionOutcome, savedMs = 0): void {
    this.#counts[outcome] += 1;
    this.#outcomes.set(id, outcome);
    if (savedMs > 0) this.#savedMs.set(id, savedMs);
  }

  /** Takes back what was said of `id`, which is not over after all. */
  takeBack(id: ExecPath): void {
    // One that nothing was said of was settled before.
    this.#counts[this.#outcomes.get(id) ?? "upToDate"] -= 1;
    this.#outcomes.delete(id);
    this.#savedMs.delete(id);
  }
}
