import { expect, test } from "vitest";

import { buildRig } from "./build-rig.ts";
import { compileRig } from "./compile-rig.ts";
import { executionRig, rule } from "./execution-rig.ts";

const targets = (command: string) => `targets:
  - {name: a, rule: exec, outs: [a], command: '${command}'}
  - {name: b, rule: exec, srcs: [":a"], outs: [b], command: 'cat $SRCS > $OUT'}
`;

test("results that are what their actions give are verified, though nothing changed", async () => {
  const { run } = buildRig({ "kraft.build.yaml": targets("echo 1 > $OUT") });
  expect((await run("//...")).result.kind).toBe("built");
  const { result, printed, counts } = await run("//...", { verifyShare: 1, aheadMs: 10_000 });
  expect(result.kind).toBe("built");
  expect(counts).toEqual({ upToDate: 2 });
  expect(printed).toBe("ran 2 of 2 actions again whose results were known");
});

test("a command that gives something else each time is told of, with the file", async () => {
  const { run } = buildRig({ "kraft.build.yaml": targets("head -c 16 /dev/urandom > $OUT") });
  await run("//...");
  const { result, counts, events } = await run("//...", { verifyShare: 1 });
  expect(result.kind).toBe("failed");
  expect(counts).toEqual({ failed: 1, skipped: 1 });
  const failures = events.flatMap((event) =>
    event.kind === "action-finished" && event.failure !== undefined ? [event.failure.message] : [],
  );
  expect(failures).toEqual([
    "its known result is not what it gives when it runs again: .kraft/out/a/a differs",
  ]);
  expect((await run("//...")).result.kind).toBe("built");
});

test("a command that no longer works is told of, and nothing is forgotten", async () => {
  const { build, work } = executionRig({ in: "1" });
  const rules = [rule("out/a: in")];
  await build(rules);
  work("out/a", () => {
    throw new Error("no");
  });
  const second = await build(rules, { verifyShare: 1 });
  expect(second.log.join("\n")).toContain("its result was known, but when it runs again");
  expect((await build(rules)).counts).toEqual({ upToDate: 1 });
});

test("a share of the known results is verified, and none unless asked to", async () => {
  const { build } = executionRig({ in: "1" });
  const rules = Array.from({ length: 40 }, (_, i) => rule(`out/a${i}: in`));
  await build(rules);
  const none = await build(rules);
  expect(none.ran).toEqual([]);
  const some = await build(rules, { verifyShare: 0.5 });
  expect(some.ok).toBe(true);
  // Of forty coins, no or all heads come once in a trillion times.
  expect(some.ran.length).toBeGreaterThan(0);
  expect(some.ran.length).toBeLessThan(40);
});

test("both steps of a compile action are verified", async () => {
  const files = { "app/main.c": "int x;\n" };
  const sound = compileRig(files);
  await sound.buildAtOnce();
  expect(await sound.verify()).toBeUndefined();
  const unsound = compileRig(files, {
    afterwards: 'echo "int t$(od -An -N6 -tx1 /dev/urandom | tr -d " ");" >> build/main.i',
  });
  await unsound.buildAtOnce();
  expect(await unsound.verify()).toBe(
    "its known result is not what it gives when it runs again: .kraft/out/t/main.o differs",
  );
});
