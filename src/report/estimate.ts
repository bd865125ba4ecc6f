// How long a build still takes, from how long its actions took before. Knows no terminal.

import type { ActionFinished, ActionStarted, BuildEvent } from "../engine/event.ts";

/** What is known of the actions that are not over. */
export class Estimate {
  readonly #running = new Map<string, { readonly startMs: number; readonly recordedMs: number }>();
  /** Of actions that are not over. */
  #recordedMs = 0;
  #unrecorded = 0;
  #jobs = 1;
  /** Of actions that ran in this build and before: how long they take now, and took then. */
  #ranMs = 0;
  #ranBeforeMs = 0;

  take(event: BuildEvent, nowMs: number): void {
    if (event.kind === "planned") {
      this.#jobs = event.jobs;
      this.#recordedMs = event.recordedMs;
      this.#unrecorded = event.unrecorded ?? 0;
    } else if (event.kind === "actions-yielded" || event.kind === "outputs-lost") {
      this.#recordedMs += event.recordedMs;
      this.#unrecorded += event.unrecorded ?? 0;
    } else if (event.kind === "action-started") this.#start(event, nowMs);
    else if (event.kind === "action-finished") this.#finish(event);
  }

  /** Whether it is known of all actions that are left how long they take. */
  get isWhole(): boolean {
    return this.#unrecorded <= 0;
  }

  /** All work that is left shared by the jobs, but never less than the longest that runs. */
  leftMs(nowMs: number): number {
    let workMs = this.#recordedMs;
    let longestMs = 0;
    for (const { startMs, recordedMs } of this.#running.values()) {
      const spentMs = (nowMs - startMs) / this.#slowness();
      workMs -= Math.min(spentMs, recordedMs);
      longestMs = Math.max(longestMs, recordedMs - spentMs);
    }
    return Math.max(workMs / this.#jobs, longestMs) * this.#slowness();
  }

  #start({ id, recordedMs = 0 }: ActionStarted, startMs: number): void {
    this.#running.set(id, { startMs, recordedMs });
  }

  #finish({ id, outcome, wallMs, recordedMs, isUnrecorded }: ActionFinished): void {
    this.#running.delete(id);
    this.#recordedMs -= recordedMs;
    if (isUnrecorded === true) this.#unrecorded -= 1;
    if (outcome !== "executed" || recordedMs === 0) return;
    this.#ranMs += wallMs;
    this.#ranBeforeMs += recordedMs;
  }

  /** Today's machine beside that of the records; little evidence says nothing, and none is wild. */
  #slowness(): number {
    if (this.#ranBeforeMs < enoughMs) return 1;
    return Math.min(4, Math.max(0.25, this.#ranMs / this.#ranBeforeMs));
  }
}

const enoughMs = 2000;
