import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { BuildPlanned } from "./event.ts";
import type { Records } from "./records.ts";

/** How long actions took when they last ran before this build, in milliseconds. */
export class RecordedDurations {
  readonly #records: Pick<Records, "durationOf">;
  /** As they were when first asked for: what runs now is to be held against what ran before. */
  readonly #known = new Map<ExecPath, number | undefined>();

  constructor(records: Pick<Records, "durationOf">) {
    this.#records = records;
  }

  /** Undefined when `action` never ran. */
  of(action: Action): number | undefined {
    const id = actionId(action);
    if (this.#known.has(id)) return this.#known.get(id);
    const wallMs = this.#records.durationOf(id);
    this.#known.set(id, wallMs);
    return wallMs;
  }

  /** In the form of events. */
  sumOf(actions: Iterable<Action>): Pick<BuildPlanned, "recordedMs" | "unrecorded"> {
    let recordedMs = 0;
    let unrecorded = 0;
    for (const action of actions) {
      const ownMs = this.of(action);
      if (ownMs === undefined) unrecorded += 1;
      else recordedMs += ownMs;
    }
    return { recordedMs, ...(unrecorded > 0 && { unrecorded }) };
  }

  /** A new build begins. */
  forget(): void {
    this.#known.clear();
  }
}
