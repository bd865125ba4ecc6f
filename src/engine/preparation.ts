// What is found out about the action that is to run next, while others run. Runs nothing.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { ActionKey } from "../action/key.ts";
import type { Input, Inputs } from "./inputs.ts";
import { keyOfRun } from "./key-of-run.ts";
import { mountedAction, mountedInputs } from "./mounted.ts";
import type { Records } from "./records.ts";
import { type ActionState, stateOf } from "./state-of.ts";
import type { Toolchain } from "./toolchain.ts";

/** What preparing looks at. */
export interface PreparationParts {
  readonly records: Pick<Records, "durationOf">;
  readonly inputs: Inputs;
  readonly toolchain: Toolchain;
  /** See `KeySource`. */
  readonly scope?: string | undefined;
}

/** An action on its inputs, as these are found before it is its turn. */
export interface Prepared {
  readonly id: ExecPath;
  readonly inputs: readonly Input[];
  readonly state: ActionState;
  readonly key: ActionKey;
}

/** Holds one action, so that what a wide graph has ready takes no memory. */
export class Preparation {
  readonly #parts: PreparationParts;
  #next: Prepared | undefined;

  constructor(parts: PreparationParts) {
    this.#parts = parts;
  }

  /** Finds out what it takes to run `action`, of which all that it needs is done. */
  prepare(action: Action): void {
    const id = actionId(action);
    if (action.kind !== "command" || this.#next?.id === id) return;
    const { records, inputs: all, toolchain } = this.#parts;
    // With a record, it most often is up to date, and then has no use for a key.
    if (records.durationOf(id) !== undefined || toolchain.missingOf(action) !== undefined) return;
    try {
      const inputs = all.of(action);
      const state = stateOf(action, inputs, toolchain.identities);
      const key = keyOfRun(mountedAction(action), mountedInputs(action, inputs), this.#parts);
      this.#next = { id, inputs, state, key };
    } catch {
      this.#next = undefined; // It is met again, and told, when the action is carried out.
    }
  }

  /** What was prepared of `action`, once. */
  take(action: Action): Prepared | undefined {
    const next = this.#next;
    if (next === undefined || next.id !== actionId(action)) return undefined;
    this.#next = undefined;
    return next;
  }

  /** To be told when an input of an action that is ready may be another one now. */
  forget(): void {
    this.#next = undefined;
  }
}
