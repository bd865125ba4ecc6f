import { appendFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import {
  PrintedFilePool,
  type PrintedFiles,
  completeFiles,
} from "../../src/sandbox/printed-files.ts";
import { temporaryDirectory } from "./sandbox-rig.ts";

function poolRig() {
  const directory = join(temporaryDirectory(), "printed");
  const pool = new PrintedFilePool(() => directory);
  const use = (text = ""): PrintedFiles => {
    const files = pool.take();
    completeFiles(files);
    appendFileSync(files.stdoutFile, text);
    pool.giveBack(files);
    return files;
  };
  return { directory, pool, use };
}

test("pairs that nothing was printed into take turns, and each rests for long", () => {
  const rig = poolRig();
  const used = Array.from({ length: 200 }, () => rig.use().stdoutFile);
  const distances = used
    .map((file, at) => used.indexOf(file, at + 1) - at)
    .filter((one) => one > 0);
  expect(new Set(used).size).toBeLessThan(100);
  expect(Math.min(...distances)).toBeGreaterThanOrEqual(32);
  expect(readdirSync(rig.directory)).toHaveLength(2 * new Set(used).size);
});

test("pairs in use at the same time differ", () => {
  const rig = poolRig();
  for (let count = 0; count < 50; count++) rig.use();
  const taken = Array.from({ length: 100 }, () => rig.pool.take().stderrFile);
  expect(new Set(taken).size).toBe(100);
});

test("what was printed is gone before the next turn, also what came when all was over", () => {
  const rig = poolRig();
  rig.use("loud\n");
  const late = rig.use();
  appendFileSync(late.stderrFile, "late\n");
  for (let count = 0; count < 200; count++) {
    const files = rig.pool.take();
    completeFiles(files);
    expect(readFileSync(files.stdoutFile, "utf8")).toBe("");
    expect(readFileSync(files.stderrFile, "utf8")).toBe("");
    rig.pool.giveBack(files);
  }
});
