// Build events → a trace of what ran when, for ui.perfetto.dev. Knows no terminal.

import type { ActionFinished, ActionStarted, BuildEvent, RemoteCalled } from "../engine/event.ts";
import { describeAction } from "./describe.ts";
import { criticalPathOf, type Ended } from "./critical-path.ts";
import type { EventSink } from "./event-file.ts";
import { TraceFile, type TraceEvent } from "./trace-file.ts";

/** Writes a trace to `path`; that, too, may throw a StoreError. */
export function openProfile(path: string, now: () => number): EventSink {
  const profile = new Profile(new TraceFile(path), now);
  return { listen: (event) => profile.take(event), close: () => profile.close() };
}

/** Rows, from the top. */
const phaseRow = 1;
const criticalRow = 2;
const firstSlotRow = 10;
/** Below all slots that a machine has. */
const firstRemoteRow = 10_000;

class Profile {
  readonly #file: TraceFile;
  readonly #now: () => number;
  readonly #startMs: number;
  readonly #running = new Map<string, { row: number; startUs: number; event: ActionStarted }>();
  readonly #ended = new Map<string, Ended>();
  /** By row: whether an action is on it. */
  readonly #slots: boolean[] = [];
  /** By row of requests: when the last one on it ended. */
  readonly #calls: number[] = [];
  #phase: { name: string; startUs: number } | undefined;
  #lastEndUs = 0;
  #flows = 0;

  constructor(file: TraceFile, now: () => number) {
    this.#file = file;
    this.#now = now;
    this.#startMs = now();
    file.add({ ...where(0), ph: "M", name: "process_name", args: { name: "kraft-graph" } });
    this.#nameRow(phaseRow, "phases");
    this.#nameRow(criticalRow, "critical path");
  }

  take(event: BuildEvent): void {
    if (event.kind === "started") this.#enter("load");
    else if (event.kind === "loaded") this.#enter("analyze");
    else if (event.kind === "sandbox" && this.#phase?.name === "analyze") this.#enter("plan");
    else if (event.kind === "planned") this.#enter("execute");
    else if (event.kind === "action-started") this.#start(event);
    else if (event.kind === "action-finished") this.#finish(event);
    else if (event.kind === "remote-call") this.#called(event);
    else if (event.kind === "finished") this.#end();
  }

  close(): void {
    this.#end();
    this.#file.close();
  }

  #start(event: ActionStarted): void {
    const free = this.#slots.indexOf(false);
    const slot = free < 0 ? this.#slots.length : free;
    if (free < 0) this.#nameRow(firstSlotRow + slot, `slot ${slot + 1}`);
    this.#slots[slot] = true;
    this.#running.set(event.id, { row: firstSlotRow + slot, startUs: this.#nowUs(), event });
    this.#countRunning();
  }

  #finish(event: ActionFinished): void {
    const running = this.#running.get(event.id);
    const endUs = this.#nowUs();
    const { id, after, outcome } = event;
    this.#lastEndUs = endUs;
    if (running === undefined) {
      // Of no length: kept only as a link between those that ran.
      this.#ended.set(id, { after, startUs: endUs, endUs, row: 0, name: describeAction(event) });
      return;
    }
    const { row, startUs } = running;
    this.#running.delete(id);
    this.#slots[row - firstSlotRow] = false;
    const slice = { after, startUs, endUs, row, name: describeAction(event) };
    this.#ended.set(id, slice);
    const { owner, failure } = event;
    const { reasons, command } = running.event;
    const why = { reasons, ...(command !== undefined && { command }) };
    const args = { owner, outcome, ...why, ...(failure && { failure: failure.message }) };
    this.#slice(row, slice, { cat: event.mnemonic, args });
    const before = after === undefined ? undefined : this.#ended.get(after);
    if (before !== undefined && before.row !== 0) this.#flow(before, slice);
    this.#countRunning();
  }

  /** A request, which is told of only when it is over, in a row where nothing was meanwhile. */
  #called({ to, call, wallMs, ok, blobs = 0, bytes = 0 }: RemoteCalled): void {
    const endUs = this.#nowUs();
    const startUs = Math.max(0, endUs - Math.round(wallMs * 1000));
    const free = this.#calls.findIndex((lastUs) => lastUs <= startUs);
    const at = free < 0 ? this.#calls.length : free;
    if (free < 0) this.#nameRow(firstRemoteRow + at, `remote ${at + 1}`);
    this.#calls[at] = endUs;
    const args = { to, ok, blobs, bytes };
    this.#slice(firstRemoteRow + at, { name: call, startUs, endUs }, { cat: "remote", args });
  }

  /** What still runs is shown as far as it came; the critical path is known only now. */
  #end(): void {
    if (this.#phase === undefined) return;
    const endUs = this.#nowUs();
    for (const { row, startUs, event } of this.#running.values()) {
      const slice = { name: describeAction(event), startUs, endUs };
      this.#slice(row, slice, { cat: event.mnemonic, args: { outcome: "stopped" } });
    }
    if (this.#phase.name === "execute" && this.#lastEndUs >= this.#phase.startUs) {
      this.#leave(this.#lastEndUs);
      this.#slice(phaseRow, { name: "place", startUs: this.#lastEndUs, endUs }, { cat: "phase" });
    } else this.#leave(endUs);
    for (const step of criticalPathOf(this.#ended)) {
      this.#slice(criticalRow, step, { cat: "critical path" });
    }
    this.#running.clear();
    this.#ended.clear();
    this.#slots.fill(false);
    this.#file.flush();
  }

  #enter(name: string): void {
    const startUs = this.#nowUs();
    this.#leave(startUs);
    this.#phase = { name, startUs };
  }

  #leave(endUs: number): void {
    if (this.#phase !== undefined)
      this.#slice(phaseRow, { ...this.#phase, endUs }, { cat: "phase" });
    this.#phase = undefined;
  }

  #slice(row: number, { name, startUs, endUs }: Slice, more: TraceEvent): void {
    const dur = Math.max(0, endUs - startUs);
    this.#file.add({ ...where(row), ph: "X", name, ts: startUs, dur, ...more });
  }

  /** An arrow from what an action waited for last. */
  #flow(from: Ended, to: Ended): void {
    const flow = { name: "needs", cat: "needs", id: ++this.#flows };
    // Inside of the slice, as an arrow binds to the slice that it lies in.
    const ts = Math.max(from.startUs, from.endUs - 1);
    this.#file.add({ ...where(from.row), ph: "s", ts, ...flow });
    this.#file.add({ ...where(to.row), ph: "f", bp: "e", ts: to.startUs, ...flow });
  }

  #countRunning(): void {
    const args = { actions: this.#running.size };
    this.#file.add({ ...where(0), ph: "C", name: "running", ts: this.#nowUs(), args });
  }

  #nameRow(row: number, name: string): void {
    this.#file.add({ ...where(row), ph: "M", name: "thread_name", args: { name } });
    const args = { sort_index: row };
    this.#file.add({ ...where(row), ph: "M", name: "thread_sort_index", args });
  }

  #nowUs(): number {
    return Math.round((this.#now() - this.#startMs) * 1000);
  }
}

type Slice = Pick<Ended, "name" | "startUs" | "endUs">;

function where(row: number): TraceEvent {
  return { pid: 1, tid: row };
}
