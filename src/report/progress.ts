import type { ActionProgress, ActionStarted, BuildEvent } from "../engine/event.ts";
import { describeAction, formatDuration, formatSize } from "./describe.ts";
import { Estimate } from "./estimate.ts";
import type { ScreenSize } from "./live-region.ts";
import { fitTo } from "./text-width.ts";

/** How far a build is. */
export class Progress {
  readonly #now: () => number;
  readonly #estimate = new Estimate();
  /** The oldest first. */
  readonly #running = new Map<string, Running>();
  /** Of actions that fetch, by id. */
  readonly #fetched = new Map<string, { event: ActionProgress; bytesPerSecond: number }>();
  #done = 0;
  #total = 0;
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
    this.#estimate.take(event, this.#now());
    if (event.kind === "planned") {
      this.#total = event.actions;
    } else if (event.kind === "actions-yielded" || event.kind === "outputs-lost") {
      this.#total += event.actions;
    } else if (event.kind === "action-started") {
      this.#running.set(event.id, { event, startMs: this.#now() });
    } else if (event.kind === "action-progress") this.#takeProgress(event);
    else if (event.kind === "action-finished") {
      this.#running.delete(event.id);
      this.#fetched.delete(event.id);
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
    if (this.#isOver || this.#running.size === 0) return "";
    return fitTo(columns, `${this.#head()} ${[...this.#oldest(maxShown)].join(", ")}`);
  }

  /** The oldest running actions with how far all is, in a part of the screen; none when idle. */
  lines({ columns, rows }: ScreenSize): readonly string[] {
    // Some terminals say that they have no size at all. The last column stays free, as some break
    // the line behind it.
    if (this.#isOver || this.#running.size === 0 || columns < 2 || rows < 2) return [];
    const count = this.#running.size;
    const room = Math.min(maxShown, rows - 3);
    if (count === 1 || room < 2) return [this.line(columns - 1)];
    const shown = [...this.#oldest(count > room ? room - 1 : room)];
    const rest = count - shown.length;
    return [
      `${this.#head()} ${count} running`,
      ...shown.map((line) => `  ${line}`),
      ...(rest === 0 ? [] : [`  and ${rest} more`]),
    ].map((line) => fitTo(columns - 1, line));
  }

  #head(): string {
    const left = this.#estimate.leftMs(this.#now());
    const words = this.#estimate.isWhole ? "about" : "at least";
    const estimate = left < 1000 ? "" : `, ${words} ${formatDuration(left)} left`;
    return `[${this.#done}/${this.#total}${estimate}]`;
  }

  *#oldest(count: number): Iterable<string> {
    let left = count;
    for (const running of this.#running.values()) {
      if (left-- <= 0) return;
      yield this.#describe(running);
    }
  }

  #describe({ event, startMs }: Running): string {
    const age = this.#now() - startMs;
    const fetched = this.#fetchedText(event.id);
    const facts = [
      ...(fetched === undefined ? [] : [fetched]),
      ...(age < 1000 ? [] : [formatDuration(age)]),
    ];
    return facts.length === 0
      ? describeAction(event)
      : `${describeAction(event)} (${facts.join(", ")})`;
  }
}

/** How many running actions are shown: more would push what was printed off the screen. */
const maxShown = 8;

interface Running {
  readonly event: ActionStarted;
  readonly startMs: number;
}
