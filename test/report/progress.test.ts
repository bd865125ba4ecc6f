import { expect, test } from "vitest";

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

test("a line is cut so that the last column of the terminal stays free", () => {
  const events = [event.planned(9), event.started("CC 0123456789.c")];
  const whole = "[0/9] CC 0123456789.c (1.0 s)";
  expect(lineAfter(events)).toBe(whole);
  expect(lineAfter(events, whole.length + 1)).toBe(whole);
  expect(lineAfter(events, whole.length)).toBe("[0/9] CC 0123456789.c (1.0 …");
  expect(lineAfter(events, 10)).toBe("[0/9] CC…");
  expect(lineAfter(events, 2)).toBe("…");
});

test("a terminal that says that it has no width gets no line", () => {
  expect(lineAfter([event.planned(9), event.started("CC a.c")], 0)).toBe("");
  expect(lineAfter([event.planned(9), event.started("CC a.c")], 1)).toBe("");
});

test("what is fetched is told in bytes, with its rate", () => {
  const begun = [event.planned(2), event.started("Fetch a.git"), event.started("Fetch b.zip")];
  const git = event.fetched("Fetch a.git", 3.14 * 2 ** 20, { bytesPerSecond: 1000 });
  const file = event.fetched("Fetch b.zip", 12_345_678, { totalBytes: 40 * 2 ** 20 });
  expect(lineAfter([...begun, git, file])).toBe(
    "[0/2] Fetch a.git (3.1 MiB, 1000 B/s, 4.0 s), Fetch b.zip (12 MiB of 40 MiB, 5.9 MiB/s, 3.0 s)",
  );
});
