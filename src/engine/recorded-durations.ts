import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { Records } from "./records.ts";

/** How long actions took when they last ran before this build, in milliseconds. */
export class RecordedDurations {
  readonly #records: Pick<Records, "durationOf">;
  /** As they were when first asked for: what runs now is to be held against what ran before. */
  readonly #known = new Map<ExecPath, number>();

  constructor(records: Pick<Records, "durationOf">) {
    this.#records = records;
  }

  /** 0 when `action` never ran. */
  of(action: Action): number {
    const id = actionId(action);
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const wallMs = this.#records.durationOf(id);
    this.#known.set(id, wallMs);
    return wallMs;
  }

  sumOf(actions: Iterable<Action>): number {
    let sumMs = 0;
    for (const action of actions) sumMs += this.of(action);
    return sumMs;
  }

  /** A new build begins. */
  forget(): void {
    this.#known.clear();
  }
}
