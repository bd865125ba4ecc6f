import { expect, test } from "vitest";

import type { BuildEvent } from "../../src/engine/event.ts";
import { Progress } from "../../src/report/progress.ts";
import { about, event } from "./report-rig.ts";

/** The line after `events`, each of which comes a second after the one before. */
function lineAfter(events: readonly Parameters<Progress["take"]>[0][], columns = 200): string {
  let nowMs = 0;
  const progress = new Progress(() => nowMs);
  for (const one of events) {
    progress.take(one);
    nowMs += 1000;
  }
  return progress.line(columns);
}

test("the oldest action comes first, each with its age from one second on", () => {
  expect(
    lineAfter([
      event.planned(9),
      event.started("CC a.c"),
      event.started("CC b.c"),
      event.upToDate("CC z.c"),
    ]),
  ).toBe("[1/9] CC a.c (3.0 s), CC b.c (2.0 s)");
});

test("nothing is told before the first action and after the last event", () => {
  expect(lineAfter([event.planned(9)])).toBe("");
  expect(lineAfter([event.planned(1), event.started("CC a.c"), event.finished({})])).toBe("");
});

test("the estimate is what is recorded of the rest, shared by the jobs", () => {
  const events = [
    event.planned(3, { jobs: 2, recordedMs: 60_000 }),
    event.started("CC a.c"),
    event.upToDate("CC b.c", 20_000),
  ];
  expect(lineAfter(events)).toBe("[1/3, about 20 s left] CC a.c (2.0 s)");
  expect(lineAfter([...events, event.upToDate("CC c.c", 39_500)])).toBe("[2/3] CC a.c (3.0 s)");
});

test("actions that are yielded count, with what is recorded of them", () => {
  const yielded = {
    kind: "actions-yielded",
    ...about("Config x"),
    actions: 4,
    recordedMs: 8000,
  } as const;
  const events = [event.planned(2, { recordedMs: 2000 }), event.started("Config x"), yielded];
  expect(lineAfter(events)).toBe("[0/6, about 10 s left] Config x (2.0 s)");
});

test("a line is cut to the room that there is", () => {
  const events = [event.planned(9), event.started("CC 0123456789.c")];
  const whole = "[0/9] CC 0123456789.c (1.0 s)";
  expect(lineAfter(events)).toBe(whole);
  expect(lineAfter(events, whole.length)).toBe(whole);
  expect(lineAfter(events, whole.length - 1)).toBe("[0/9] CC 0123456789.c (1.0 …");
  expect(lineAfter(events, 9)).toBe("[0/9] CC…");
  expect(lineAfter(events, 1)).toBe("…");
});

test("a terminal that says that it has no size gets no line", () => {
  const progress = new Progress(() => 0);
  progress.take(event.planned(9));
  progress.take(event.started("CC a.c"));
  for (const columns of [0, 1]) expect(progress.lines({ columns, rows: 24 })).toEqual([]);
  expect(progress.lines({ columns: 80, rows: 0 })).toEqual([]);
  expect(progress.lines({ columns: 2, rows: 2 })).toEqual(["…"]);
});

test("of many running actions the oldest are shown, as far as the screen has room", () => {
  const progress = new Progress(() => 0);
  progress.take(event.planned(40));
  for (let i = 1; i <= 20; i++) progress.take(event.started(`CC ${i}.c`));
  const shown = (rows: number) => progress.lines({ columns: 20, rows });
  expect(shown(24)).toHaveLength(9);
  expect(shown(24).at(-1)).toBe("  and 13 more");
  expect(shown(6)).toEqual(["[0/40] 20 running", "  CC 1.c", "  CC 2.c", "  and 18 more"]);
  expect(shown(4)).toEqual(["[0/40] CC 1.c, CC …"]);
});

test("an action is never thought to take less than the rest of itself", () => {
  let nowMs = 0;
  const progress = new Progress(() => nowMs);
  progress.take(event.planned(2, { jobs: 8, recordedMs: 80_000 }));
  progress.take({ ...event.started("LD a"), recordedMs: 60_000 } as BuildEvent);
  expect(progress.line(80)).toBe("[0/2, about 1 min 0 s left] LD a");
  nowMs = 20_000;
  expect(progress.line(80)).toBe("[0/2, about 40 s left] LD a (20 s)");
  nowMs = 70_000;
  expect(progress.line(80)).toBe("[0/2, about 2.5 s left] LD a (1 min 10 s)");
});

test("where nothing is recorded of some actions, the estimate is a lower bound", () => {
  const progress = new Progress(() => 0);
  progress.take(event.planned(3, { recordedMs: 9000, unrecorded: 1 }));
  progress.take(event.started("CC a.c"));
  expect(progress.line(80)).toBe("[0/3, at least 9.0 s left] CC a.c");
  progress.take({ ...event.executed("CC a.c"), isUnrecorded: true } as BuildEvent);
  progress.take(event.started("CC b.c"));
  expect(progress.line(80)).toBe("[1/3, about 9.0 s left] CC b.c");
});

test("a machine that is slower than before is told by what already ran", () => {
  const progress = new Progress(() => 0);
  progress.take(event.planned(2, { recordedMs: 13_000 }));
  progress.take(event.executed("CC a.c", { wallMs: 6000, recordedMs: 3000 }));
  progress.take(event.started("CC b.c"));
  expect(progress.line(80)).toBe("[1/2, about 20 s left] CC b.c");
});

test("what is fetched is told in bytes, with its rate", () => {
  const begun = [event.planned(2), event.started("Fetch a.git"), event.started("Fetch b.zip")];
  const git = event.fetched("Fetch a.git", 3.14 * 2 ** 20, { bytesPerSecond: 1000 });
  const file = event.fetched("Fetch b.zip", 12_345_678, { totalBytes: 40 * 2 ** 20 });
  expect(lineAfter([...begun, git, file])).toBe(
    "[0/2] Fetch a.git (3.1 MiB, 1000 B/s, 4.0 s), Fetch b.zip (12 MiB of 40 MiB, 5.9 MiB/s, 3.0 s)",
  );
});
