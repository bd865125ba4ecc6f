// The actions that run just now, so that no two equal ones do. Runs none itself.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { Digest } from "../digest/digest.ts";
import { type Demand, isMadeAgain } from "./demand.ts";
import type { Ended } from "./done.ts";

/** An action that is to run, and the key by which others are equal to it. */
export interface ToRun {
  readonly action: Action;
  readonly key: Digest;
  readonly demand: Demand;
}

/** Knows which actions run, by key. */
export class RunningActions {
  readonly #ids = new Map<Digest, ExecPath>();

  /**
   * What `carryOut` gives; where an action of the same key runs, it is not called: that one is to be
   * waited for, without a job slot, as its result is then known. One that is made again waits for
   * nobody, since what others are about to know was lost before.
   */
  async alone({ action, key, demand }: ToRun, carryOut: () => Promise<Ended>): Promise<Ended> {
    if (isMadeAgain(demand)) return carryOut();
    const other = this.#ids.get(key);
    if (other !== undefined) return { kind: "awaits", other };
    this.#ids.set(key, actionId(action));
    try {
      return await carryOut();
    } finally {
      this.#ids.delete(key);
    }
  }
}
