import { expect, test } from "vitest";

import { noActions } from "../../src/engine/event.ts";
import { describeCounts, describeRemote, formatDuration } from "../../src/report/describe.ts";

test("durations are as exact as they matter", () => {
  const cases: readonly [number, string][] = [
    [0, "0.0 s"],
    [49, "0.0 s"],
    [50, "0.1 s"],
    [1234, "1.2 s"],
    [9949, "9.9 s"],
    [9950, "10 s"],
    [59_499, "59 s"],
    [59_500, "1 min 0 s"],
    [185_000, "3 min 5 s"],
    [3_599_499, "59 min 59 s"],
    [3_599_500, "1 h 0 min"],
    [7_380_000, "2 h 3 min"],
  ];
  for (const [ms, text] of cases) expect(formatDuration(ms), String(ms)).toBe(text);
});

test("counts name each outcome that there was, and how many in all", () => {
  expect(describeCounts(noActions)).toBe("no actions");
  expect(describeCounts({ ...noActions, executed: 1 })).toBe("1 action: 1 run");
  const all = { upToDate: 1, localHit: 2, remoteHit: 3, executed: 4, failed: 5, skipped: 6 };
  expect(describeCounts(all)).toBe(
    "21 actions: 1 up to date, 2 from the local cache, 3 from the remote cache, 4 run, 5 failed, 6 skipped",
  );
});

test("of what other machines did, all is told that there was", () => {
  const none = { receivedBytes: 0, sentBytes: 0, uploaded: 0, failed: 0, savedMs: 49 };
  expect(describeRemote(undefined)).toEqual([]);
  expect(describeRemote(none)).toEqual([]);
  const some = { receivedBytes: 17, sentBytes: 3000, uploaded: 2, failed: 1, savedMs: 12_345 };
  expect(describeRemote({ ...some, executed: 4 })).toEqual([
    "4 of them elsewhere",
    "12 s of work saved",
    "17 B received",
    "3.0 kB sent",
    "1 result not given",
  ]);
});
