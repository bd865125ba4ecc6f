import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { type BuildPlan, readPlan, writePlan } from "../../src/engine/plan-snapshot.ts";
import { parseLabel } from "../../src/label/label.ts";
import { nodeDisk } from "../../src/workspace/disk.ts";
import { FileView } from "../../src/workspace/files.ts";

function rig() {
  const directory = mkdtempSync(join(tmpdir(), "plan-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const buildFile = join(directory, "kraft.build.yaml");
  writeFileSync(buildFile, "targets: []");
  /** As if it were a minute later, when the times of files can be trusted. */
  const later = { epochMs: () => Date.now() + 60_000, processId: 1 };
  const now = { epochMs: () => Date.now(), processId: 1 };
  const planAt = ({ epochMs }: typeof now): BuildPlan => {
    const files = new FileView({ disk: nodeDisk, epochMs });
    files.read(buildFile);
    files.kindOf(join(directory, "absent"));
    const label = parseLabel("//:a", "")!; // It is one.
    const output = ".kraft/out/a/file";
    return {
      packages: 1,
      targets: 2,
      actions: [
        { kind: "write", mnemonic: "W", owner: label, inputs: [], outputs: [output], text: "x" },
      ],
      components: [["external/c", "/somewhere/c"]],
      results: [[label, { outputs: [output] }]],
      consulted: files.consulted(),
    };
  };
  return { directory, buildFile, path: join(directory, "plans", "one"), now, later, planAt };
}

test("a plan is read as it was written while nothing it was made from changes", () => {
  const { path, later, planAt } = rig();
  const plan = planAt(later);
  writePlan(path, plan, later);
  expect(readPlan(path, later)).toEqual(plan);
});

test("a plan does not outlive a change of a file, or one that was looked for and now is there", () => {
  const { directory, buildFile, path, later, planAt } = rig();
  writePlan(path, planAt(later), later);
  writeFileSync(buildFile, "targets: [{}]");
  expect(readPlan(path, later)).toBeUndefined();
  writePlan(path, planAt(later), later);
  expect(readPlan(path, later)).toBeDefined();
  writeFileSync(join(directory, "absent"), "");
  expect(readPlan(path, later)).toBeUndefined();
});

test("a plan from files that had just been touched holds, and is noted with their times", () => {
  const { path, now, later, planAt } = rig();
  writePlan(path, planAt(now), now);
  const before = readFileSync(path, "utf8");
  expect(readPlan(path, later)).toEqual(planAt(later));
  expect(readFileSync(path, "utf8")).not.toBe(before);
  expect(readPlan(path, later)).toEqual(planAt(later));
});

test("a plan of which a part is missing is none", () => {
  const { path, later, planAt } = rig();
  expect(readPlan(path, later)).toBeUndefined();
  writePlan(path, planAt(later), later);
  truncateSync(path, readFileSync(path).byteLength - 1);
  expect(readPlan(path, later)).toBeUndefined();
});

test("only so many plans are kept", () => {
  const { directory, later, planAt } = rig();
  for (let i = 0; i < 12; i++) writePlan(join(directory, "plans", String(i)), planAt(later), later);
  expect(readdirSync(join(directory, "plans"))).toHaveLength(8);
});

test("a plan that cannot be written is no mistake", () => {
  const { buildFile, later, planAt } = rig();
  writePlan(join(buildFile, "plan"), planAt(later), later);
  expect(readPlan(join(buildFile, "plan"), later)).toBeUndefined();
});

test("with content, a plan does not outlive a change that the times of files do not show", () => {
  const { path, later, planAt } = rig();
  const plan = planAt(later);
  // As if the file had been another one with the same times.
  const consulted = plan.consulted.map((entry) => ({
    ...entry,
    signature: entry.signature.replace(/ [0-9a-f]{4}/, " 0000"),
  }));
  writePlan(path, plan, later);
  expect(readPlan(path, later, { check: "content" })).toEqual(plan);
  writePlan(path, { ...plan, consulted }, later);
  expect(readPlan(path, later)).toBeDefined();
  expect(readPlan(path, later, { check: "content" })).toBeUndefined();
});
