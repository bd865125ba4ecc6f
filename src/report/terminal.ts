// Build events → what users see of a build. Knows no process: it writes to what it is given.

import { type Diagnostic, renderDiagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../base/brand.ts";
import type { ActionFinished, ActionPrinted, ActionStarted, BuildEvent } from "../engine/event.ts";
import {
  describeAction,
  describeChange,
  describeCounts,
  describeFailure,
  describeRemote,
  describeOutcome,
  describeWatching,
  formatDuration,
} from "./describe.ts";
import { groupEnd, groupStart, harmless, markDiagnostic, markFailure } from "./github.ts";
import { LiveRegion, type ScreenSize } from "./live-region.ts";
import { Progress } from "./progress.ts";

/** Where a report goes. */
export interface TerminalOptions {
  /** Takes text; nobody waits for it. */
  readonly write: (text: string) => void;
  /** How large the terminal is just now; undefined: a file or a pipe, where nothing is drawn over. */
  readonly screen: () => ScreenSize | undefined;
  readonly hasColor: boolean;
  /** `quiet`: mistakes, failures and what actions print. `verbose`: a line for all that happens. */
  readonly detail: "quiet" | "normal" | "verbose";
  /** Whether to say why each action runs. */
  readonly explains: boolean;
  /** For GitHub Actions: what it calls the file at a path; undefined: nothing. Absent: elsewhere. */
  readonly githubFile?: (path: string) => string | undefined;
  /** Milliseconds since some moment. */
  readonly now: () => number;
}

/** A report of one build. */
export interface TerminalReport {
  readonly listen: (event: BuildEvent) => void;
  /** To be called now and then, as the age of what runs is shown. */
  readonly tick: () => void;
  /** Leaves the terminal as others expect it, however the build ended. */
  readonly close: () => void;
}

/** A report to a terminal, or to a log without one. */
export function newTerminalReport(options: TerminalOptions): TerminalReport {
  const report = new Terminal(options);
  return {
    listen: (event) => report.listen(event),
    tick: () => report.tick(),
    close: () => report.close(),
  };
}

/** How often a log without a terminal says that the build is alive, in milliseconds. */
const keepAliveMs = 30_000;

class Terminal {
  readonly #options: TerminalOptions;
  readonly #region: LiveRegion;
  #progress: Progress;
  /** Why the build runs that is told of, where it is one of many. */
  #cause = "";
  /** Whether lines are being folded. */
  #isInGroup = false;
  #spokeMs: number;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#region = new LiveRegion(options.write);
    this.#progress = new Progress(options.now);
    this.#spokeMs = options.now();
  }

  listen(event: BuildEvent): void {
    this.#progress.take(event);
    switch (event.kind) {
      case "diagnostic":
        return this.#print(this.#paint(event.diagnostic), this.#marks(event.diagnostic));
      case "notice":
        return this.#note(event.message);
      case "fault":
        return this.#print(`${this.#red("error")}: ${event.message}`);
      case "sandbox":
        if (event.sandbox !== "none") this.#mention(`sandbox ${event.sandbox}: ${event.reason}`);
        // A watch has said so with its first build.
        else if (this.#cause === "") this.#note("actions are not kept apart: sandbox none");
        return;
      case "action-started":
        return this.#started(event);
      case "action-printed":
        return this.#printed(event);
      case "action-finished":
        return this.#finished(event);
      case "finished":
        return this.#ended(event);
      case "changed":
        // Told with what it came to, so that each build has a line.
        this.#progress = new Progress(this.#options.now);
        this.#cause = `${describeChange(event)}: `;
        return;
      case "watching":
        if (this.#cause === "" && !this.#isQuiet) this.#print(describeWatching(event));
        return;
      case "loaded":
        return this.#mention(`${event.packages} packages, ${event.targets} targets`);
      case "started":
      case "planned":
      case "actions-yielded":
      case "outputs-lost":
      case "action-progress":
      case "remote-call":
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
    if (this.#isQuiet) return;
    const screen = this.#options.screen();
    if (screen !== undefined) return this.#region.draw(this.#progress.lines(screen), screen);
    const silentMs = this.#options.now() - this.#spokeMs;
    if (this.#progress.isRunning() && silentMs >= keepAliveMs) {
      this.#progressLine(this.#progress.line(200));
    }
  }

  close(): void {
    this.#endGroup();
    const screen = this.#options.screen();
    if (screen !== undefined) this.#region.draw([], screen);
  }

  /** Whether something else tells that actions are done: a status line, or a line for the build. */
  #isShown(): boolean {
    return this.#isQuiet || this.#options.screen() !== undefined || this.#cause !== "";
  }

  #started(event: ActionStarted): void {
    if (this.#options.explains) {
      this.#print(`${describeAction(event)} runs:\n${event.reasons.map(indent).join("\n")}`);
    }
    if (event.command === undefined) return;
    this.#print(this.#safe(`# ${event.owner}: ${describeAction(event)}\n${event.command}`));
  }

  #printed(event: ActionPrinted): void {
    const text = this.#safe(event.text.trimEnd());
    if (this.#options.githubFile === undefined) this.#print(`${describeAction(event)}:\n${text}`);
    else this.#print(`${groupStart(describeAction(event))}\n${text}\n${groupEnd}`);
  }

  #finished(event: ActionFinished): void {
    const { failure, outcome } = event;
    if (failure !== undefined) {
      const text = this.#safe(describeFailure(event, failure, this.#red("error")));
      const { githubFile } = this.#options;
      const marks = githubFile === undefined ? [] : markFailure(event, failure, githubFile);
      return this.#print(text, marks);
    }
    const { done, total } = this.#progress;
    const line = `[${done}/${total}] ${describeAction(event)}`;
    if (this.#options.detail === "verbose") {
      if (outcome !== "upToDate") this.#progressLine(`${line} (${describeOutcome(event)})`);
    } else if (outcome === "executed" && !this.#isShown()) {
      this.#progressLine(line);
    }
  }

  #ended(event: Extract<BuildEvent, { kind: "finished" }>): void {
    this.#endGroup();
    if (this.#isQuiet) return;
    const stopped = event.isStale ? "stale" : "interrupted";
    const verdict = event.ok ? "done" : event.isInterrupted ? stopped : this.#red("failed");
    const parts = [
      `${this.#cause}${verdict}: ${describeCounts(event.actions)}`,
      ...describeRemote(event.remote),
      this.#duration(event.wallMs),
    ];
    this.#print(parts.join("; "));
  }

  get #isQuiet(): boolean {
    return this.#options.detail === "quiet";
  }

  #note(message: string): void {
    if (!this.#isQuiet) this.#print(`note: ${message}`);
  }

  #mention(message: string): void {
    if (this.#options.detail === "verbose") this.#print(message);
  }

  /** A line of which there are as many as actions: they are folded where that can be. */
  #progressLine(line: string): void {
    const opens = this.#options.githubFile !== undefined && !this.#isInGroup;
    this.#write(opens ? `${groupStart("actions")}\n${line}\n` : `${line}\n`);
    this.#isInGroup ||= opens;
  }

  /** Prints whole lines, not folded away. */
  #print(text: string, marks: readonly string[] = []): void {
    this.#endGroup();
    this.#write([text, ...marks].map((line) => `${line}\n`).join(""));
  }

  #endGroup(): void {
    if (!this.#isInGroup) return;
    this.#isInGroup = false;
    this.#write(`${groupEnd}\n`);
  }

  /** Above what is drawn over. */
  #write(text: string): void {
    const screen = this.#options.screen();
    if (screen === undefined) this.#options.write(text);
    else this.#region.draw(this.#isQuiet ? [] : this.#progress.lines(screen), screen, text);
    this.#spokeMs = this.#options.now();
  }

  #marks(diagnostic: Diagnostic): readonly string[] {
    const { githubFile } = this.#options;
    return githubFile === undefined ? [] : [markDiagnostic(diagnostic, githubFile)];
  }

  #safe(text: string): string {
    return this.#options.githubFile === undefined ? text : harmless(text);
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
