// A fixed number of job slots, given to jobs in the order they come. Knows no action.

import type { Host } from "../base/host.ts";
import { ShellSlot, type SlotExit, type SlotHost } from "./shell-slot.ts";

/** A job that is over. */
export interface SlotRun extends SlotExit {
  /** How long it ran, without the wait for a slot. */
  readonly wallMs: number;
}

/** Slots whose shells start when they are first needed. */
export class SlotPool {
  readonly #now: Host["now"];
  readonly #slots: readonly ShellSlot[];
  readonly #idle: ShellSlot[];
  readonly #waiting: ((slot: ShellSlot) => void)[] = [];
  #isClosed = false;

  constructor(count: number, host: SlotHost & Pick<Host, "now">) {
    this.#now = host.now;
    this.#slots = Array.from({ length: count }, () => new ShellSlot(host));
    this.#idle = [...this.#slots].reverse();
  }

  /** Has `work` done in the next free slot. */
  async run(work: (slot: ShellSlot) => Promise<SlotExit>): Promise<SlotRun> {
    const slot = this.#idle.pop() ?? (await this.#nextFree());
    const startMs = this.#now();
    try {
      const ended = this.#isClosed ? tooLate : await work(slot);
      return { ...ended, wallMs: this.#now() - startMs };
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(slot);
      else next(slot);
    }
  }

  #nextFree(): Promise<ShellSlot> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Kills what runs, and what it left behind. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }
}

/** Of a job that nobody waits for any more. */
export const tooLate: SlotExit = {
  exit: { kind: "not-started", reason: "the build is over" },
  isSilent: false,
};
