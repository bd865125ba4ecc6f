import type { AboutAction, ActionCounts, BuildEvent } from "../../src/engine/event.ts";
import { noActions } from "../../src/engine/event.ts";
import type { Label } from "../../src/label/label.ts";
import { newTerminalReport, type TerminalOptions } from "../../src/report/terminal.ts";

/** An action in events: `CC main.c` of //app. */
export function about(text: string): AboutAction {
  const [mnemonic = "", subject = ""] = text.split(" ");
  return { id: `.kraft/out/app/${subject}`, mnemonic, subject, owner: "//app:image" as Label };
}

/** The events of a build, each in a few words: see the calls. */
export const event = {
  planned: (actions: number, { jobs = 1, recordedMs = 0, unrecorded = 0 } = {}): BuildEvent => {
    return { kind: "planned", actions, jobs, recordedMs, unrecorded };
  },
  started: (text: string, ...reasons: string[]): BuildEvent => {
    return { kind: "action-started", ...about(text), reasons, causes: [] };
  },
  executed: (text: string, { wallMs = 10, recordedMs = 0 } = {}): BuildEvent => {
    return { kind: "action-finished", ...about(text), outcome: "executed", wallMs, recordedMs };
  },
  fetched: (text: string, receivedBytes: number, more: object = {}): BuildEvent => {
    return { kind: "action-progress", ...about(text), receivedBytes, ...more };
  },
  upToDate: (text: string, recordedMs = 0): BuildEvent => {
    return { kind: "action-finished", ...about(text), outcome: "upToDate", wallMs: 0, recordedMs };
  },
  finished: (counts: Partial<ActionCounts>, { ok = true, wallMs = 1234 } = {}): BuildEvent => {
    return { kind: "finished", ok, actions: { ...noActions, ...counts }, wallMs };
  },
};

/** A report to a string, with a clock that the test moves. */
export function reportRig(options: Partial<TerminalOptions> = {}) {
  let written = "";
  let nowMs = 5_000_000;
  const report = newTerminalReport({
    write: (text) => void (written += text),
    screen: () => undefined,
    hasColor: false,
    detail: "normal",
    explains: false,
    now: () => nowMs,
    ...options,
  });
  const taken = (): string => {
    const text = written;
    written = "";
    return text;
  };
  return {
    /** What was written since the last call, after `events`. */
    tell: (...events: readonly BuildEvent[]): string => {
      for (const one of events) report.listen(one);
      return taken();
    },
    tick: (): string => {
      report.tick();
      return taken();
    },
    close: (): string => {
      report.close();
      return taken();
    },
    pass: (ms: number): void => void (nowMs += ms),
  };
}
