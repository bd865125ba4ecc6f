import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { CommandAction } from "../../src/action/action.ts";
import { digestOf } from "../../src/digest/digest.ts";
import { compileAction } from "./compile-rig.ts";
import { executionRig, owner } from "./execution-rig.ts";

/** A command of the target `name`, which sees its outputs at a place that others see theirs at. */
function commandOf(name: string, script: string): CommandAction {
  return {
    kind: "command",
    mnemonic: "Exec",
    owner,
    argv: ["sh", "-c", script],
    env: {},
    tools: [],
    inputs: ["main.c"],
    outputs: [`.kraft/out/${name}/copy`],
    mounts: { [`.kraft/out/${name}`]: "build" },
  };
}

test("equal actions of two targets run once, and the second has the result of the first", async () => {
  const rig = executionRig({ "main.c": "x" });
  const log = join(rig.root, "log");
  const script = `echo ran >> ${log}; cat main.c > build/copy`;
  const rules = ["one", "two", "three"].map((name) => commandOf(name, script));
  const build = await rig.build(rules, { jobs: 3 });
  expect(build.counts).toEqual({ executed: 1, localHit: 2 });
  expect(readFileSync(log, "utf8")).toBe("ran\n");
  const nodes = rules.map(({ outputs: [path] }) => build.equipment.inputs.outputAt(path));
  const node = { kind: "file", digest: digestOf("x"), executable: false };
  expect(nodes).toEqual([node, node, node]);
});

test("an action whose equal fails is skipped, and runs in the next build", async () => {
  const rig = executionRig({ "main.c": "x" });
  const flag = join(rig.root, "flag");
  const script = `test -e ${flag} && cat main.c > build/copy`;
  const rules = ["one", "two"].map((name) => commandOf(name, script));
  const options = { jobs: 2, keepGoing: true };
  expect((await rig.build(rules, options)).counts).toEqual({ failed: 1, skipped: 1 });
  rig.write("flag", "");
  expect((await rig.build(rules, options)).counts).toEqual({ executed: 1, localHit: 1 });
});

test("one of which the result is not kept does not stand for the other", async () => {
  const rig = executionRig({ "main.c": "x" });
  const log = join(rig.root, "log");
  // A source that changes while it is read: nobody can tell what the result came from.
  const script = `echo ran >> ${log}; cat main.c > build/copy; echo y >> ${join(rig.root, "main.c")}`;
  const rules = ["one", "two"].map((name) => commandOf(name, script));
  const build = await rig.build(rules, { jobs: 2 });
  expect(build).toMatchObject({ ok: true, counts: { executed: 2 } });
  expect(readFileSync(log, "utf8")).toBe("ran\nran\n");
});

test("a source that two targets compile alike is preprocessed and compiled once", async () => {
  const rig = executionRig({ "app/main.c": "int main;", "one/.keep": "", "two/.keep": "" });
  rig.pass(5_000);
  const log = join(rig.root, "log");
  const rules = ["one", "two"].map((name) =>
    compileAction({
      afterwards: `echo ran >> ${log}`,
      more: {
        outputs: [`.kraft/out/${name}/main.o`],
        mounts: { [`.kraft/out/${name}`]: "build" },
      },
    }),
  );
  expect((await rig.build(rules, { jobs: 2 })).counts).toEqual({ executed: 1, localHit: 1 });
  expect(readFileSync(log, "utf8")).toBe("ran\n");
});
