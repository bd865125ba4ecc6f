import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, expect, test } from "vitest";

const fileOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const reporter = fileOf("scripts/count-reporter.mjs");
const vitest = fileOf("node_modules/vitest/vitest.mjs");

const directory = mkdtempSync(join(tmpdir(), "kraft-counts-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
writeFileSync(
  join(directory, "some.test.js"),
  `test("runs", () => {});
   test.skip("is skipped", () => {});
   test("is skipped for a reason", ({ skip }) => skip("no compiler"));
   describe.skip("a server", () => {
     test("one", () => {});
     describe("over HTTP", () => test("two", () => {}));
   });
   describe("a tool", () => {
     test("runs", () => {});
     test("is absent", ({ skip }) => skip("no tool"));
     describe("of which nothing is there", () => {
       test("one", ({ skip }) => skip("no such"));
       test("two", ({ skip }) => skip("no such"));
     });
   });
   let tries = 0;
   test("passes at last", () => expect(++tries).toBe(2));`,
);

/** What is printed of the tests above, when vitest is given `words`. */
function printed(...words: readonly string[]): string[] {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"));
  const fixed = ["run", `--root=${directory}`, "--globals", "--retry=1", `--reporter=${reporter}`];
  const options = { encoding: "utf8", env: Object.fromEntries(env) } as const;
  const { stdout } = spawnSync(process.execPath, [vitest, ...fixed, ...words], options);
  return stdout.trimEnd().split("\n");
}

test("what was skipped or passed late is told by name, and all is counted on the last line", () => {
  expect(printed()).toEqual([
    "flaky: some.test.js > passes at last",
    "skipped: some.test.js > a server (2 tests)",
    "skipped: some.test.js > a tool > is absent: no tool",
    "skipped: some.test.js > a tool > of which nothing is there (2 tests): no such",
    "skipped: some.test.js > is skipped",
    "skipped: some.test.js > is skipped for a reason: no compiler",
    "3 passed, 0 failed, 7 skipped",
  ]);
});

test("what a pattern leaves out is counted, and not told of", () => {
  expect(printed("--testNamePattern=^runs$")).toEqual(["1 passed, 0 failed, 9 skipped"]);
});
