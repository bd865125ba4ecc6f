import { expect, test } from "vitest";

import type { ActionFailure, BuildEvent } from "../../src/engine/event.ts";
import { about, event, reportRig } from "./report-rig.ts";

/** Control sequences of terminals. */
const controls = new RegExp(`${String.fromCharCode(27)}\\[\\??\\w+`, "g");
const screen = () => ({ columns: 80, rows: 24 });

/** A frame that goes `up` lines to draw over, and writes `lines`. */
function frame(up: number, ...lines: readonly string[]): string {
  const back = up === 0 ? "" : `\r\u001B[${up}A`;
  const text = lines.map((line) => `${line}\u001B[K\n`).join("");
  return `\u001B[?2026h${back}${text}\u001B[J\u001B[?2026l`;
}

function failed(text: string, failure: Partial<ActionFailure>): BuildEvent {
  const whole = { message: "exit code 1", lastLines: "", reasons: [], ...failure };
  const end = { outcome: "failed", wallMs: 5, recordedMs: 0 } as const;
  return { kind: "action-finished", ...about(text), ...end, failure: whole };
}

const wrong: BuildEvent = {
  kind: "diagnostic",
  diagnostic: { severity: "error", code: "unknown-target", message: "no such error target" },
};

test("a log has a line for each action that ran, and one at the end", () => {
  const { tell } = reportRig();
  const text = tell(
    { kind: "started", version: "1", patterns: [] },
    { kind: "loaded", packages: 1, targets: 2, isRemembered: false },
    { kind: "sandbox", sandbox: "links", reason: "it was asked for" },
    event.planned(3),
    event.upToDate("CC a.c"),
    event.started("CC b.c", "b.c changed"),
    event.executed("CC b.c"),
    event.started("LD image"),
    event.executed("LD image"),
    event.finished({ upToDate: 1, executed: 2 }),
  );
  expect(text).toBe("[2/3] CC b.c\n[3/3] LD image\ndone: 3 actions: 1 up to date, 2 run; 1.2 s\n");
});

test("a build with nothing to do is one line", () => {
  expect(
    reportRig().tell(event.planned(1), event.upToDate("CC a.c"), event.finished({ upToDate: 1 })),
  ).toBe("done: 1 action: 1 up to date; 1.2 s\n");
});

test("each build of a watch is one line, which says what changed", () => {
  const { tell } = reportRig();
  const watching = { kind: "watching", paths: 12, directories: 3, isPolling: false } as const;
  const first = [event.planned(1), event.executed("CC a.c"), event.finished({ executed: 1 })];
  expect(tell(...first, watching)).toBe(
    "[1/1] CC a.c\ndone: 1 action: 1 run; 1.2 s\nwatching 12 paths in 3 directories; Ctrl-C ends it\n",
  );
  const changed = { kind: "changed", paths: ["app/a.c", "app/b.c"], count: 3 } as const;
  const again = event.finished({ executed: 1 }, { wallMs: 34 });
  expect(tell(changed, event.planned(1), event.executed("CC a.c"), again, watching)).toBe(
    "app/a.c and 2 more: done: 1 action: 1 run; 34 ms\n",
  );
  expect(tell({ kind: "changed", paths: [] }, event.finished({ upToDate: 1 }))).toBe(
    "something changed: done: 1 action: 1 up to date; 1.2 s\n",
  );
});

test("a terminal shows what runs, which each tick draws anew and the end removes", () => {
  const { tell, tick, pass } = reportRig({ screen });
  expect(tell(event.planned(2), event.started("CC a.c"))).toBe("");
  expect(tick()).toBe(frame(0, "[0/2] CC a.c"));
  expect(tick()).toBe("");
  pass(2500);
  expect(tick()).toBe(frame(1, "[0/2] CC a.c (2.5 s)"));
  expect(tell(event.executed("CC a.c"))).toBe("");
  expect(tick()).toBe(frame(1));
  expect(tell(event.started("LD image"))).toBe("");
  expect(tick()).toBe(frame(0, "[1/2] LD image"));
  expect(tell(event.executed("LD image"), event.finished({ executed: 2 }))).toBe(
    frame(1, "done: 2 actions: 2 run; 1.2 s"),
  );
  expect(tick()).toBe("");
});

test("lines stand above what is drawn over, in the same frame", () => {
  const { tell, tick } = reportRig({ screen });
  tell(event.planned(1), event.started("CC a.c"));
  tick();
  expect(tell({ kind: "notice", message: "something" })).toBe(
    frame(1, "note: something", "[0/1] CC a.c"),
  );
  expect(tick()).toBe("");
});

test("several actions have a line each, the oldest first", () => {
  const { tell, tick, pass } = reportRig({ screen });
  tell(event.planned(9), event.started("CC a.c"));
  pass(1500);
  tell(event.started("CC b.c"));
  expect(tick()).toBe(frame(0, "[0/9] 2 running", "  CC a.c (1.5 s)", "  CC b.c"));
  tell(event.executed("CC a.c"));
  expect(tick()).toBe(frame(3, "[1/9] CC b.c"));
});

test("what is drawn over is gone when the report is closed, even without an end", () => {
  const { tell, tick, close } = reportRig({ screen });
  tell(event.planned(1), event.started("CC a.c"));
  tick();
  expect(close()).toBe(frame(1));
  expect(close()).toBe("");
});

test("lines that a narrower screen has broken are drawn over as what they are now", () => {
  let columns = 80;
  const { tell, tick } = reportRig({ screen: () => ({ columns, rows: 24 }) });
  const name = "x".repeat(60);
  tell(event.planned(1), event.started(`CC ${name}`));
  expect(tick()).toBe(frame(0, `[0/1] CC ${name}`));
  columns = 40;
  expect(tick()).toBe(frame(2, `${`[0/1] CC ${name}`.slice(0, 38)}…`));
});

test("quiet, only what is wrong is told, and what programs print", () => {
  const { tell, tick, pass } = reportRig({ detail: "quiet" });
  expect(tell(event.planned(2), event.started("CC a.c"))).toBe("");
  pass(100_000);
  expect(tick()).toBe("");
  expect(tell({ kind: "notice", message: "something" }, event.executed("CC a.c"))).toBe("");
  expect(tell({ kind: "action-printed", ...about("CC b.c"), text: "warning: x" })).toBe(
    "CC b.c:\nwarning: x\n",
  );
  expect(tell(failed("CC c.c", {}), event.finished({ failed: 1 }, { ok: false }))).toBe(
    "error: //app:image: CC c.c: exit code 1\n",
  );
});

test("verbose, each action has a line that says how its result came about", () => {
  const { tell } = reportRig({ detail: "verbose", screen });
  const hit: BuildEvent = {
    ...about("CC b.c"),
    kind: "action-finished",
    outcome: "localHit",
    wallMs: 0,
    recordedMs: 5,
  };
  const text = tell(
    { kind: "loaded", packages: 1, targets: 2, isRemembered: false },
    { kind: "sandbox", sandbox: "links", reason: "it was asked for" },
    event.planned(3),
    event.executed("CC a.c", { wallMs: 1200 }),
    hit,
    event.upToDate("CC c.c"),
  );
  expect(text.replaceAll(controls, "")).toBe(
    "1 packages, 2 targets\nsandbox links: it was asked for\n[1/3] CC a.c (1.2 s)\n[2/3] CC b.c (from the local cache)\n",
  );
});

test("commands are printed where the event has them, below the target and the action", () => {
  const started = { ...event.started("CC a.c"), command: "gcc -c a.c" } as BuildEvent;
  expect(reportRig().tell(started)).toBe("# //app:image: CC a.c\ngcc -c a.c\n");
});

test("a log says that the build is alive when it was silent for 30 s, and not before", () => {
  const { tell, tick, pass } = reportRig();
  tell(event.planned(2), event.started("CC a.c"));
  pass(29_999);
  expect(tick()).toBe("");
  pass(1);
  expect(tick()).toBe("[0/2] CC a.c (30 s)\n");
  expect(tick()).toBe("");
  pass(20_000);
  tell({ kind: "notice", message: "something" });
  pass(20_000);
  expect(tick()).toBe("");
  pass(10_000);
  expect(tick()).toBe("[0/2] CC a.c (1 min 20 s)\n");
  tell(event.executed("CC a.c"));
  pass(60_000);
  expect(tick()).toBe("");
});

test("a failure shows all that it takes to look into it", () => {
  const { tell } = reportRig();
  const text = tell(
    failed("CC main.c", {
      exitCode: 1,
      lastLines: "main.c:1: error: x\n\nmain.c:2: error: y",
      logFile: "/w/.kraft/logs/app.log",
      repeatCommand: "sh /w/repeat.sh",
      reasons: ["main.c changed"],
    }),
    event.finished({ failed: 1, skipped: 2 }, { ok: false }),
  );
  expect(text).toMatchInlineSnapshot(`
    "error: //app:image: CC main.c: exit code 1
      | main.c:1: error: x
      | main.c:2: error: y
      it ran because main.c changed
      all it printed: /w/.kraft/logs/app.log
      to repeat it:   sh /w/repeat.sh
    failed: 3 actions: 1 failed, 2 skipped; 1.2 s
    "
  `);
});

test("a failure with a code is named by it, and of many reasons some are told", () => {
  const { tell } = reportRig();
  const reasons = ["1", "2", "3", "4", "5", "6", "7"].map((name) => `h${name}.h changed`);
  const message = "there is no gcc in /usr/bin; on Debian: apt-get install gcc";
  expect(
    tell(failed("CC main.c", { message, code: "missing-tool", reasons })),
  ).toMatchInlineSnapshot(`
    "error[missing-tool]: //app:image: CC main.c: there is no gcc in /usr/bin; on Debian: apt-get install gcc
      it ran because h1.h changed
      it ran because h2.h changed
      it ran because h3.h changed
      it ran because h4.h changed
      it ran because h5.h changed
      and for 2 more reasons
    "
  `);
});

test("what an action printed stands below its name", () => {
  const { tell } = reportRig();
  expect(tell({ kind: "action-printed", ...about("CC main.c"), text: "warning: x\n\n" })).toBe(
    "CC main.c:\nwarning: x\n",
  );
});

test("with explanations, each action says why it runs", () => {
  const { tell } = reportRig({ explains: true });
  expect(tell(event.started("CC main.c", "main.c changed", "its command changed"))).toBe(
    "CC main.c runs:\n  main.c changed\n  its command changed\n",
  );
});

test("mistakes and faults are errors, in red where there is colour", () => {
  const events = [
    wrong,
    { kind: "fault", message: "no space" },
    failed("CC a.c", { code: "missing-tool" }),
    event.finished({}, { ok: false }),
  ] as const;
  expect(reportRig().tell(...events)).toBe(
    "error[unknown-target]: no such error target\nerror: no space\nerror[missing-tool]: //app:image: CC a.c: exit code 1\nfailed: no actions; 1.2 s\n",
  );
  const red = (text: string): string => `\u001B[1;31m${text}\u001B[m`;
  expect(reportRig({ hasColor: true }).tell(...events)).toBe(
    `${red("error")}[unknown-target]: no such error target\n${red("error")}: no space\n${red("error")}[missing-tool]: //app:image: CC a.c: exit code 1\n${red("failed")}: no actions; 1.2 s\n`,
  );
});

test("that actions are not kept apart is worth a line; that they are is not", () => {
  const { tell } = reportRig();
  expect(tell({ kind: "sandbox", sandbox: "bwrap", reason: "it works" })).toBe("");
  expect(tell({ kind: "sandbox", sandbox: "none", reason: "it was asked for" })).toBe(
    "note: actions are not kept apart: sandbox none\n",
  );
});
