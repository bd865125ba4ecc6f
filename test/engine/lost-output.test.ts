import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { CommandAction } from "../../src/action/action.ts";
import { Inputs } from "../../src/engine/inputs.ts";
import type { Equipment } from "../../src/engine/equipment.ts";
import { TreeDirectories } from "../../src/engine/tree-directories.ts";
import { realHost } from "../sandbox/sandbox-rig.ts";
import { executionRig, joinInputs, outs, owner, rule } from "./execution-rig.ts";

type Rig = ReturnType<typeof executionRig>;

/** a ← b, with an action between them during which the blob of a is lost. */
function losingRig(): { rig: Rig; rules: ReturnType<typeof rule>[] } {
  const rig = executionRig({ "main.c": "x" });
  rig.work("out/thief", (context, paths) => {
    rig.loseBlob("x");
    joinInputs(context, { ...paths, inputs: [] });
  });
  return {
    rig,
    rules: [rule("out/a: main.c"), rule("out/thief: out/a"), rule("out/b: out/a out/thief")],
  };
}

test("an output that is lost during a build is made again, and the build goes on", async () => {
  const { rig, rules } = losingRig();
  const build = await rig.build(rules);
  expect(build.log).toEqual([
    "planned 3",
    "out/a runs: it was not built here before",
    "out/a executed",
    "out/thief runs: it was not built here before",
    "out/thief executed",
    "out/b lacks 1",
    "out/a runs: its output was lost",
    "out/a executed",
    "out/b runs: it was not built here before",
    "out/b executed",
  ]);
  expect(build).toMatchObject({ ok: true, counts: { executed: 3 } });
  expect(build.text("out/b")).toBe("x+");
});

test("all outputs that an action misses are made at once, and counted once", async () => {
  const rig = executionRig({ "main.c": "x", "lib.c": "y" });
  rig.work("out/thief", (context, paths) => {
    for (const text of ["x", "y", "x+y"]) rig.loseBlob(text);
    joinInputs(context, { ...paths, inputs: [] });
  });
  const rules = [
    rule("out/a: main.c"),
    rule("out/c: lib.c"),
    rule("out/lib: out/a out/c"),
    rule("out/thief: out/lib"),
    rule("out/b: out/lib out/thief"),
  ];
  const build = await rig.build(rules);
  expect(build.log.slice(-11)).toEqual([
    "out/thief executed",
    "out/b lacks 1",
    "out/lib lacks 2",
    "out/a runs: its output was lost",
    "out/a executed",
    "out/c runs: its output was lost",
    "out/c executed",
    "out/lib runs: its output was lost",
    "out/lib executed",
    "out/b runs: it was not built here before",
    "out/b executed",
  ]);
  expect(build).toMatchObject({ ok: true, counts: { executed: 5 } });
  expect(build.text("out/b")).toBe("x+y+");
});

test("several who miss an output wait for one run of the action that makes it", async () => {
  const { rig, rules } = losingRig();
  const more = rule("out/c: out/a out/thief");
  const { ok, ran } = await rig.build([...rules, more], { jobs: 2 });
  expect(ok).toBe(true);
  expect(ran.toSorted()).toEqual(["out/a", "out/a", "out/b", "out/c", "out/thief"]);
});

test("when making it again fails, that is why what needs it fails", async () => {
  const { rig, rules } = losingRig();
  let runs = 0;
  rig.work("out/a", (context, paths) => {
    runs += 1;
    if (runs === 1) joinInputs(context, paths);
  });
  const { log, counts } = await rig.build(rules);
  expect(counts).toEqual({ executed: 1, failed: 1, skipped: 1 });
  expect(log.slice(-2)).toEqual([
    "out/a failed: the program rig/join failed: it did not make out/a",
    "out/b skipped",
  ]);
});

test("a store that keeps nothing ends with a failure, and not never", async () => {
  const rig = executionRig({ "main.c": "x" });
  const build = await rig.build([rule("out/a: main.c"), rule("out/b: out/a")], {
    alter: (equipment) => withInputsFrom(rig.root, equipment, () => undefined),
  });
  expect(build.counts).toEqual({ executed: 1, failed: 1 });
  expect(build.log.at(-1)).toBe(
    "out/b failed: the output out/a is no longer in the store, however often it is made",
  );
  // The first time that it is lost, the store says that it is there.
  expect(build.ran).toEqual(["out/a", "out/a", "out/a"]);
});

test("an input that is lost just before a command starts is made again as well", async () => {
  const rig = executionRig({ "main.c": "x" });
  const command: CommandAction = {
    kind: "command",
    mnemonic: "Exec",
    owner,
    argv: ["sh", "-c", `cat ${outs}/a >${outs}/b`],
    env: {},
    tools: [],
    inputs: [`${outs}/a`],
    outputs: [`${outs}/b`],
  };
  const build = await rig.build([rule("out/a: main.c"), command], {
    alter: (equipment) => losingAtStart(rig, equipment),
  });
  expect(build.log).toContain("out/a runs: its output was lost");
  expect(build.text("out/b")).toBe("x");
});

test("an input that is lost just before a program starts is made again as well", async () => {
  const rig = executionRig({ "main.c": "x" });
  const build = await rig.build([rule("out/a: main.c"), rule("out/b: out/a")], {
    alter: (equipment) => losingAtStart(rig, equipment),
  });
  expect(build.log).toContain("out/a runs: its output was lost");
  expect(build.text("out/b")).toBe("x");
});

test("a directory that is removed between looking at it and staging it fails the action", async () => {
  const rig = executionRig({ "src/.git/head": "", "src/main.c": "x" });
  const { log } = await rig.build([rule("out/a: src")], {
    alter: (equipment) =>
      atStaging(equipment, () => rmSync(join(rig.root, "src"), { recursive: true })),
  });
  expect(log.at(-1)).toBe(
    `out/a failed: the input src is gone: there is no ${join(rig.root, "src")}`,
  );
});

const treeRules = [
  rule("out/d: main.c"),
  rule("out/thief: out/d"),
  rule("out/b: out/d/inner/file out/thief"),
];

/** An action that makes a directory, and one that takes a blob of it away. */
function treeRig(): Rig {
  const rig = executionRig({ "main.c": "x" });
  rig.work("out/d", ({ resolve }, { outputs: [path = ""] }) => {
    mkdirSync(join(resolve(path), "inner"), { recursive: true });
    writeFileSync(join(resolve(path), "inner/file"), "deep");
    writeFileSync(join(resolve(path), "run"), "#!");
    chmodSync(join(resolve(path), "run"), 0o755);
  });
  rig.work("out/thief", (context, paths) => {
    joinInputs(context, { ...paths, inputs: [] });
  });
  return rig;
}

test("a file of a directory that an action made can be an input by itself", async () => {
  const rig = treeRig();
  const build = await rig.build(treeRules);
  expect(build.ok).toBe(true);
  expect(build.text("out/b")).toBe("deep+");
});

test("a directory that lost a file is made again for who reads that file", async () => {
  const rig = treeRig();
  rig.work("out/thief", (context, paths) => {
    rig.loseBlob("deep");
    joinInputs(context, { ...paths, inputs: [] });
  });
  const build = await rig.build(treeRules);
  expect(build.log).toContain("out/d runs: its output was lost");
  expect(build.text("out/b")).toBe("deep+");
});

test("a directory of the last build that lost a file since is not up to date", async () => {
  const rig = treeRig();
  await rig.build([rule("out/d: main.c")]);
  rig.loseBlob("deep");
  const again = await rig.build([rule("out/d: main.c")]);
  expect(again.counts).toEqual({ executed: 1 });
});

/** Inputs that find blobs by `pathOf`. */
function withInputsFrom(
  root: string,
  equipment: Equipment,
  pathOf: () => string | undefined,
): Equipment {
  const { cas } = equipment.store;
  const trees = new TreeDirectories(join(root, ".kraft/trees"), cas, realHost);
  const lossy = { put: cas.put.bind(cas), read: cas.read.bind(cas), pathOf };
  const inputs = new Inputs({
    workspaceRoot: root,
    components: new Map(),
    cas: Object.assign(Object.create(null), lossy),
    statCache: equipment.store.openStatCache(root),
    directoryOf: (tree) => trees.directoryOf(tree),
  });
  return { ...equipment, inputs };
}

/** Loses the blob of the first output that an action has among its inputs, once. */
function losingAtStart(rig: Rig, equipment: Equipment): Equipment {
  return atStaging(equipment, (inputs) => {
    if (!inputs.some(({ isSource }) => !isSource)) return false;
    rig.loseBlob("x");
    return true;
  });
}

/** Has `act` do something before an action is staged, until it says true. */
function atStaging(
  equipment: Equipment,
  act: (inputs: Parameters<Equipment["runner"]["run"]>[1]) => unknown,
): Equipment {
  const { runner } = equipment;
  let isOver = false;
  const run: typeof runner.run = (action, inputs, signal) => {
    if (!isOver) isOver = act(inputs) !== false;
    return runner.run(action, inputs, signal);
  };
  return { ...equipment, runner: Object.assign(Object.create(null), { run }) };
}
