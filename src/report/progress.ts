import type { ActionStarted, BuildEvent } from "../engine/event.ts";
import { describeAction, formatDuration } from "./describe.ts";

/** How far a build is. */
export class Progress {
  readonly #now: () => number;
  readonly #running = new Map<
    string,
    { readonly event: ActionStarted; readonly startMs: number }
  >();
  #done = 0;
  #total = 0;
  #jobs = 1;
  /** Of actions that are not over. */
  #recordedMs = 0;
  #isOver = false;

  /** `now` is in milliseconds since some moment. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many actions are over. */
  get done(): number {
    return this.#done;
  }

  /** How many there are, so far. */
  get total(): number {
    return this.#total;
  }

  /** Whether an action runs. */
  isRunning(): boolean {
    return this.#running.size > 0;
  }

  take(event: BuildEvent): void {
    if (event.kind === "planned") {
      this.#total = event.actions;
      this.#jobs = event.jobs;
      this.#recordedMs = event.recordedMs;
    } else if (event.kind === "actions-yielded") {
      this.#total += event.actions;
      this.#recordedMs += event.recordedMs;
    } else if (event.kind === "action-started") {
      this.#running.set(event.id, { event, startMs: this.#now() });
    } else if (event.kind === "action-finished") {
      this.#running.delete(event.id);
      this.#recordedMs -= event.recordedMs;
      this.#done += 1;
    } else if (event.kind === "finished") this.#isOver = true;
  }

  /** One line of at most `columns` characters; empty when there is nothing to tell. */
  line(columns: number): string {
    // Some terminals say that they have no width at all.
    if (this.#isOver || this.#running.size === 0 || columns < 2) return "";
    const now = this.#now();
    const oldest = [...this.#running.values()].map(({ event, startMs }) => {
      const age = now - startMs;
      return age < 1000
        ? describeAction(event)
        : `${describeAction(event)} (${formatDuration(age)})`;
    });
    const left = this.#recordedMs / this.#jobs;
    const estimate = left < 1000 ? "" : `, about ${formatDuration(left)} left`;
    const line = `[${this.#done}/${this.#total}${estimate}] ${oldest.join(", ")}`;
    return line.length <= columns - 1 ? line : `${line.slice(0, columns - 2)}…`;
  }
}
