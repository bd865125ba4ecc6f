// Events of builds → what the page is told of them, kept for who comes later. Knows no socket.

import { renderDiagnostic } from "../diagnostic/diagnostic.ts";
import type { AboutAction, ActionFinished, BuildEvent } from "../engine/event.ts";
import type { PageChange, PageRun } from "./page-data.ts";

/** What happens, for all who listen, and for those who begin to when it has already happened. */
export class BuildFeed {
  readonly #now: () => number;
  readonly #listeners = new Set<(change: PageChange) => void>();
  #startMs = 0;
  /** Of the last build, by what a later change of the same stands for. */
  #changes = new Map<string, PageChange>();
  #noteCount = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls `listener` with all that makes up the present, and then with what happens. */
  subscribe(listener: (change: PageChange) => void): () => void {
    for (const change of this.#changes.values()) listener(change);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in what a build tells. */
  take(event: BuildEvent): void {
    switch (event.kind) {
      case "started":
        this.#begin(event.patterns);
        break;
      case "planned":
        this.tell({ kind: "build-planned", actions: event.actions, recordedMs: event.recordedMs });
        break;
      case "action-started":
        this.tell({ kind: "run", run: this.#started(event, event.reasons) });
        break;
      case "action-finished":
        this.tell({ kind: "run", run: this.#finished(event) });
        break;
      case "diagnostic":
        this.#note(event.diagnostic.severity, renderDiagnostic(event.diagnostic));
        break;
      case "fault":
        this.#note("error", event.message);
        break;
      case "notice":
        this.#note("note", event.message);
        break;
      case "finished": {
        const { ok, actions: counts, wallMs } = event;
        const isStopped = event.isInterrupted === true || event.isStale === true;
        this.tell({ kind: "build-finished", ok, isStopped, counts, wallMs });
        break;
      }
      default: // The rest is of no interest to who sees the graph.
    }
  }

  /** Tells all who listen. */
  tell(change: PageChange): void {
    // Nobody who comes later has anything old.
    if (change.kind !== "changed") this.#changes.set(this.#nameOf(change), change);
    for (const listener of this.#listeners) listener(change);
  }

  #begin(patterns: readonly string[]): void {
    const mode = this.#changes.get("mode");
    this.#changes = new Map(mode === undefined ? [] : [["mode", mode]]);
    this.#startMs = this.#now();
    this.tell({ kind: "build-started", patterns });
  }

  #note(severity: "error" | "warning" | "note", text: string): void {
    this.tell({ kind: "note", severity: severity === "error" ? "error" : "note", text });
  }

  #nameOf(change: PageChange): string {
    if (change.kind === "run") return `run ${change.run.id}`;
    return change.kind === "note" ? `note ${this.#noteCount++}` : change.kind;
  }

  #started({ id, mnemonic, subject, owner }: AboutAction, reasons: readonly string[]): PageRun {
    const startMs = this.#sinceStart();
    return { id, mnemonic, subject, owner, state: "running", startMs, reasons };
  }

  #finished(event: ActionFinished): PageRun {
    const { id, mnemonic, subject, owner, outcome, wallMs, failure } = event;
    const before = this.#changes.get(`run ${id}`);
    const known = before?.kind === "run" ? before.run : undefined;
    return {
      id,
      mnemonic,
      subject,
      owner,
      state: outcome,
      startMs: known?.startMs ?? this.#sinceStart(),
      wallMs,
      reasons: known?.reasons ?? [],
      ...(failure && { failure: [failure.message, failure.lastLines].join("\n").trimEnd() }),
    };
  }

  #sinceStart(): number {
    return Math.round(this.#now() - this.#startMs);
  }
}
