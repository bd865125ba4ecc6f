// What can be asked of objects whose files were dropped.

import { expect, test } from "vitest";

import { examplesRig } from "./examples-rig.ts";

const target = "//hello:qemu-x86_64";
const objects = `mnemonic("CC", deps(${target}))`;

test("objects that were dropped can be asked for as those that were kept", async () => {
  const kept = examplesRig();
  await kept.build(target);
  const dropped = examplesRig({ intermediates: "drop", cache: kept.cache });
  // What is taken as a whole is not looked at, and nothing is known of what it read.
  const found = await dropped.build(target, "--recheck");
  expect(found.code, found.text).toBe(0);
  expect(found.executed, "the same in another directory").toEqual([]);
  const stats = await dropped.run(["cache", "stats", "--json"]);
  expect(JSON.parse(stats.stdout).dropped.blobs).toBeGreaterThan(20);
  for (const query of [
    [objects],
    [`inputs("hello/hello.h", deps(${target}))`],
    [`outputs(".*main.o", deps(${target}))`],
    ["--output", "compile_commands.json", `deps(${target})`],
    ["--output", "commands", objects],
  ]) {
    const answers = [await kept.run(["query", ...query]), await dropped.run(["query", ...query])];
    const [before, after] = answers.map(({ code, stdout, stderr }) => ({ code, stdout, stderr }));
    expect(after?.code, after?.stderr).toBe(0);
    expect(after?.stdout).not.toBe("");
    const elsewhere = before?.stdout.replaceAll(kept.root, dropped.root);
    expect({ ...after }, query.join(" ")).toEqual({ ...before, stdout: elsewhere });
  }
});

test("why tells what changed, and which objects were made again as they were dropped", async () => {
  const here = examplesRig({ intermediates: "drop" });
  expect((await here.build(target)).code).toBe(0);
  const text = here.read("hello/greeting.c");
  here.write({ "hello/greeting.c": `${text}int further_object;\n` });
  const next = await here.build(target);
  expect(next.code, next.text).toBe(0);
  const told = await here.run(["why", target]);
  expect(told.code, told.stderr).toBe(0);
  expect(told.stdout).toMatch(
    /^hello\/greeting\.c changed\n(?: {4}.*\n)+(?: {2}.*\n)*? {2}CC build\/apphello\/greeting\.o: run\n/m,
  );
  expect(told.stdout).not.toContain("before an earlier build");
  const counted = await here.run(["why", "--not-cached", "CC"]);
  expect(counted.code, counted.stderr).toBe(0);
  expect(counted.stdout).toMatch(
    /^ +\d+ {2}its output was lost\n +1 {2}hello\/greeting\.c changed$/m,
  );
});
