// Build events → what users see of a build. Knows no process: it writes to what it is given.

import { type Diagnostic, renderDiagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../base/brand.ts";
import type { ActionFinished, ActionStarted, BuildEvent } from "../engine/event.ts";
import {
  describeAction,
  describeChange,
  describeCounts,
  describeFailure,
  describeTraffic,
  describeWatching,
  formatDuration,
} from "./describe.ts";
import { Progress } from "./progress.ts";

/** Where a report goes. */
export interface TerminalOptions {
  /** Takes text; nobody waits for it. */
  readonly write: (text: string) => void;
  /** Whether lines can be drawn over, and how wide they are; undefined: a file or a pipe. */
  readonly columns: number | undefined;
  readonly hasColor: boolean;
  /** Whether to say why each action runs. */
  readonly explains: boolean;
  /** Milliseconds since some moment. */
  readonly now: () => number;
}

/** A report of one build. */
export interface TerminalReport {
  readonly listen: (event: BuildEvent) => void;
  /** To be called now and then, as the age of what runs is shown. */
  readonly tick: () => void;
}

/** A report to a terminal, or to a log without one. */
export function newTerminalReport(options: TerminalOptions): TerminalReport {
  const report = new Terminal(options);
  return { listen: (event) => report.listen(event), tick: () => report.tick() };
}

/** How often a log without a terminal says that the build is alive, in milliseconds. */
const keepAliveMs = 30_000;

class Terminal {
  readonly #options: TerminalOptions;
  #progress: Progress;
  /** Why the build runs that is told of, where it is one of many. */
  #cause = "";
  /** The status line that stands on the terminal, for as long as it does. */
  #status = "";
  #spokeMs: number;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#progress = new Progress(options.now);
    this.#spokeMs = options.now();
  }

  listen(event: BuildEvent): void {
    this.#progress.take(event);
    switch (event.kind) {
      case "diagnostic":
        return this.#print(this.#paint(event.diagnostic));
      case "notice":
        return this.#print(`note: ${event.message}`);
      case "fault":
        return this.#print(`${this.#red("error")}: ${event.message}`);
      case "sandbox":
        // A watch has said so with its first build.
        if (event.sandbox === "none" && this.#cause === "")
          this.#print("note: actions are not kept apart: sandbox none");
        return;
      case "action-started":
        return this.#started(event);
      case "action-printed":
        return this.#print(`${describeAction(event)}:\n${event.text.trimEnd()}`);
      case "action-finished":
        return this.#finished(event);
      case "finished": {
        const stopped = event.isStale ? "stale" : "interrupted";
        const verdict = event.ok ? "done" : event.isInterrupted ? stopped : this.#red("failed");
        const parts = [
          `${this.#cause}${verdict}: ${describeCounts(event.actions)}`,
          ...describeTraffic(event.remote),
          this.#duration(event.wallMs),
        ];
        return this.#print(parts.join("; "));
      }
      case "changed":
        // Told with what it came to, so that each build has a line.
        this.#progress = new Progress(this.#options.now);
        this.#cause = `${describeChange(event)}: `;
        return;
      case "watching":
        if (this.#cause === "") this.#print(describeWatching(event));
        return;
      case "started":
      case "loaded":
      case "planned":
      case "actions-yielded":
      case "action-progress":
        return;
      default:
        assertNever(event);
    }
  }

  /** Of builds that follow edits, people want to see more of a short time. */
  #duration(ms: number): string {
    return this.#cause !== "" && ms < 1000 ? `${ms} ms` : formatDuration(ms);
  }

  tick(): void {
    const { columns, now } = this.#options;
    if (columns !== undefined) this.#draw(this.#progress.line(columns));
    else if (this.#progress.isRunning() && now() - this.#spokeMs >= keepAliveMs) {
      this.#print(this.#progress.line(200));
    }
  }

  /** Whether something else tells that actions are done: a status line, or a line for the build. */
  #isShown(): boolean {
    return this.#options.columns !== undefined || this.#cause !== "";
  }

  #started(event: ActionStarted): void {
    if (this.#options.explains) {
      this.#print(`${describeAction(event)} runs:\n${event.reasons.map(indent).join("\n")}`);
    }
  }

  #finished(event: ActionFinished): void {
    if (event.failure !== undefined) {
      this.#print(describeFailure(event, event.failure, this.#red("error")));
    } else if (event.outcome === "executed" && !this.#isShown()) {
      const { done, total } = this.#progress;
      this.#print(`[${done}/${total}] ${describeAction(event)}`);
    }
  }

  /** Prints whole lines, above the status line. */
  #print(text: string): void {
    this.#draw("");
    this.#options.write(`${text}\n`);
    this.#spokeMs = this.#options.now();
  }

  /** Puts `line` in the place of the status line. */
  #draw(line: string): void {
    if (line === this.#status) return;
    const erase = this.#status === "" ? "" : "\r\u001B[K";
    this.#status = line;
    this.#options.write(erase + line);
  }

  #paint(diagnostic: Diagnostic): string {
    const text = renderDiagnostic(diagnostic);
    return this.#options.hasColor ? text.replace(/^error/, this.#red("error")) : text;
  }

  #red(text: string): string {
    return this.#options.hasColor ? `\u001B[1;31m${text}\u001B[m` : text;
  }
}

function indent(line: string): string {
  return `  ${line}`;
}
