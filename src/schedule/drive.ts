// Carries out what a plan asks for. All of the waiting is here; knows no action.

import type { Host } from "../base/host.ts";
import type { Plan } from "./plan.ts";
import type { Finish, PlanEffect, PlanEvent } from "./plan-event.ts";
import type { Refusal } from "./plan-graph.ts";

/** The outside of a plan. */
export interface Driver extends Pick<Host, "now"> {
  /**
   * Does the work of a node: a value at once when there is none, which costs no turn of the event
   * loop. A failed command is a value; throwing says that there is a bug. When `signal` aborts it
   * is to end soon, as `cancelled` unless it is done anyway.
   */
  readonly run: (id: string, signal: AbortSignal) => Finish | Promise<Finish>;
  /**
   * Hears of the ready node that is to start next, as it looks now, whenever all that may run does:
   * what it can find out before then, nobody has to wait for later.
   */
  readonly prepare?: (id: string) => void;
  /** Does a little of what can wait, while less runs than could; false when nothing is left of it. */
  readonly rest?: () => boolean;
  /** What `id` added cannot be, so it has failed although it succeeded. */
  readonly refuse: (id: string, refusal: Refusal) => void;
  /** Aborts to stop: nothing starts any more, and what runs is cancelled. */
  readonly signal: AbortSignal;
  /** Resolves when sockets, timers and the terminal had their turn. */
  readonly breathe: () => Promise<void>;
}

/** How long to go on without letting others have a turn, in milliseconds. */
const sliceMs = 10;

/**
 * Runs `plan` to its end; true when every goal was reached. When `run` throws, all else is
 * cancelled and awaited, and then the first error is thrown.
 */
export async function drive(plan: Plan, driver: Driver): Promise<boolean> {
  const inbox = new Inbox();
  const cancel = new AbortController();
  const errors: unknown[] = [];
  const stop = () => inbox.put({ kind: "stop" });
  const fault = (id: string, error: unknown) => {
    errors.push(error);
    stop();
    inbox.put({ kind: "finished", id, outcome: "cancelled" });
  };
  const start = (id: string) => {
    try {
      const finish = driver.run(id, cancel.signal);
      const done = (value: Finish) => inbox.put({ kind: "finished", id, ...value });
      if (finish instanceof Promise) finish.then(done, (error) => fault(id, error));
      else done(finish);
    } catch (error) {
      fault(id, error);
    }
  };
  /** True or false at the end; undefined before. */
  const perform = (effect: PlanEffect): boolean | undefined => {
    if (effect.kind === "end") return effect.ok;
    if (effect.kind === "start") start(effect.id);
    else if (effect.kind === "cancel") cancel.abort();
    else driver.refuse(effect.id, effect.refusal);
    return undefined;
  };
  driver.signal.addEventListener("abort", stop, { once: true });
  if (driver.signal.aborted) stop();
  inbox.put({ kind: "begin" });
  try {
    const ok = await pump(plan, inbox, perform, driver);
    if (errors.length > 0) throw errors[0];
    return ok;
  } catch (error) {
    cancel.abort(); // For a bug of the plan itself, after which nobody waits for what runs.
    throw error;
  } finally {
    driver.signal.removeEventListener("abort", stop);
  }
}

async function pump(
  plan: Plan,
  inbox: Inbox,
  perform: (effect: PlanEffect) => boolean | undefined,
  { now, breathe, prepare, rest }: Driver,
): Promise<boolean> {
  let sliceEndMs = now() + sliceMs;
  for (;;) {
    const event = inbox.take();
    if (event === undefined) {
      const next = plan.nextReady();
      if (next !== undefined) prepare?.(next);
      await (plan.hasRoom() && rest?.() === true ? breathe() : inbox.arrival());
      sliceEndMs = now() + sliceMs;
      continue;
    }
    for (const effect of plan.advance(event)) {
      const ok = perform(effect);
      if (ok !== undefined) return ok;
      if (now() < sliceEndMs) continue;
      await breathe();
      sliceEndMs = now() + sliceMs;
    }
  }
}

/** Events in the order they came, to be taken in one at a time: callbacks only put them here. */
class Inbox {
  #events: PlanEvent[] = [];
  #next = 0;
  #wake: (() => void) | undefined;

  put(event: PlanEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  take(): PlanEvent | undefined {
    const event = this.#events[this.#next++];
    if (event !== undefined) return event;
    this.#events = [];
    this.#next = 0;
    return undefined;
  }

  /** Resolves when there is something to take. */
  async arrival(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
