import { expect, test } from "vitest";

import { TransferReport } from "../../src/report/transfer.ts";

const mebi = 1024 * 1024;

/** A report, with a clock that the test turns. */
function reportRig(columns?: number) {
  const clock = { ms: 0 };
  const texts: string[] = [];
  const report = new TransferReport({
    write: (text) => void texts.push(text),
    screen: () => (columns === undefined ? undefined : { columns, rows: 24 }),
    now: () => clock.ms,
  });
  const after = (ms: number, bytes: number) => {
    clock.ms += ms;
    report.take(bytes, 40 * mebi);
    report.tick();
  };
  return { report, texts, after };
}

test("a log hears of a long transfer now and then, and of a short one nothing", () => {
  const { report, texts, after } = reportRig();
  report.begin("pushing app:1.0");
  for (let second = 1; second <= 9; second++) after(1000, second * mebi);
  expect(texts).toEqual([]);
  after(1000, 10 * mebi);
  expect(texts).toEqual(["pushing app:1.0: 10 MiB of 40 MiB, 1.0 MiB/s\n"]);
  report.end();
  after(60_000, 40 * mebi);
  expect(texts).toHaveLength(1);
});

test("the rate is that of the last seconds, and there is none while nothing comes", () => {
  const { report, texts, after } = reportRig();
  report.begin("pulling app:1.0");
  for (let second = 1; second <= 6; second++) after(1000, mebi);
  for (let second = 1; second <= 4; second++) after(1000, (1 + 2 * second) * mebi);
  for (let second = 1; second <= 10; second++) after(1000, 9 * mebi);
  expect(texts).toEqual([
    "pulling app:1.0: 9.0 MiB of 40 MiB, 2.0 MiB/s\n",
    "pulling app:1.0: 9.0 MiB of 40 MiB\n",
  ]);
});

test("a terminal has one line that fits, and none when it is over", () => {
  const { report, texts, after } = reportRig(30);
  report.begin("pushing registry.example.com/app:1.0");
  after(200, mebi);
  const drawn = texts.join("");
  expect(drawn).toContain("pushing registry.example.com…");
  report.end();
  expect(texts.at(-1)).toContain("\u001B[1A");
});
