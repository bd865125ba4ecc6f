import type { ActionProgress, ActionStarted, BuildEvent } from "../engine/event.ts";
import { describeAction, formatDuration, formatSize } from "./describe.ts";

/** How far a build is. */
export class Progress {
  readonly #now: () => number;
  readonly #running = new Map<
    string,
    { readonly event: ActionStarted; readonly startMs: number }
  >();
  /** Of actions that fetch, by id. */
  readonly #fetched = new Map<string, { event: ActionProgress; bytesPerSecond: number }>();
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
    } else if (event.kind === "action-progress") this.#takeProgress(event);
    else if (event.kind === "action-finished") {
      this.#running.delete(event.id);
      this.#fetched.delete(event.id);
      this.#recordedMs -= event.recordedMs;
      this.#done += 1;
    } else if (event.kind === "finished") this.#isOver = true;
  }

  #takeProgress(event: ActionProgress): void {
    const start = this.#running.get(event.id)?.startMs ?? this.#now();
    const seconds = Math.max(0.25, (this.#now() - start) / 1000);
    const bytesPerSecond = event.bytesPerSecond ?? event.receivedBytes / seconds;
    this.#fetched.set(event.id, { event, bytesPerSecond });
  }

  /** `12 MiB of 40 MiB, 3.1 MiB/s`; undefined when nothing was told of it. */
  #fetchedText(id: string): string | undefined {
    const fetched = this.#fetched.get(id);
    if (fetched === undefined) return undefined;
    const { receivedBytes, totalBytes } = fetched.event;
    const total = totalBytes === undefined ? "" : ` of ${formatSize(totalBytes)}`;
    return `${formatSize(receivedBytes)}${total}, ${formatSize(fetched.bytesPerSecond)}/s`;
  }

  /** One line of at most `columns` characters; empty when there is nothing to tell. */
  line(columns: number): string {
    // Some terminals say that they have no width at all.
    if (this.#isOver || this.#running.size === 0 || columns < 2) return "";
    const now = this.#now();
    const oldest = [...this.#running.values()].map(({ event, startMs }) => {
      const age = now - startMs;
      const fetched = this.#fetchedText(event.id);
      const facts = [
        ...(fetched === undefined ? [] : [fetched]),
        ...(age < 1000 ? [] : [formatDuration(age)]),
      ];
      return facts.length === 0
        ? describeAction(event)
        : `${describeAction(event)} (${facts.join(", ")})`;
    });
    const left = this.#recordedMs / this.#jobs;
    const estimate = left < 1000 ? "" : `, about ${formatDuration(left)} left`;
    const line = `[${this.#done}/${this.#total}${estimate}] ${oldest.join(", ")}`;
    return line.length <= columns - 1 ? line : `${line.slice(0, columns - 2)}…`;
  }
}
