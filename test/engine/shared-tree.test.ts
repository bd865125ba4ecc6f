// Builds in the sandbox `none`, whose tree stays from action to action.

import { lstatSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { buildRig } from "./build-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\n",
  "a/in.txt": "one\n",
  "a/kraft.build.yaml": `version: 1
targets:
  - {name: copy, rule: exec, srcs: [in.txt], outs: [x, y], command: "for out in $OUTS; do cp $SRCS $out; done"}
  - {name: twice, rule: exec, srcs: [":copy", in.txt], outs: [sum], command: "cat $SRCS > $OUT"}
  - {name: litter, rule: exec, srcs: [":twice"], outs: [z], command: "cp $SRCS $OUT; echo > $(dirname $OUT)/more"}
`,
};
const inNone = { flags: [{ name: "--sandbox", key: "build.sandbox", text: "none" }] } as const;

test("outputs are laid out as links to the store, and nothing else with them", async () => {
  const rig = buildRig(files);
  await rig.run("//...", inNone);
  const out = join(rig.root, ".kraft/out/a");
  expect(readdirSync(join(out, "copy")).sort()).toEqual(["x", "y"]);
  expect(readdirSync(join(out, "litter"))).toEqual(["z"]);
  expect(readFileSync(join(out, "twice/sum"), "utf8")).toBe("one\none\none\n");
  expect(lstatSync(join(out, "twice/sum")).nlink).toBeGreaterThan(1);
  expect(lstatSync(join(out, "twice/sum")).mode & 0o777).toBe(0o444);
});

test("an output that was laid out before is replaced, and one that was removed comes back", async () => {
  const rig = buildRig(files);
  await rig.run("//...", inNone);
  rig.write("a/in.txt", "two\n");
  rmSync(join(rig.root, ".kraft/out/a/copy"), { recursive: true });
  await rig.run("//...", inNone);
  expect(readFileSync(join(rig.root, ".kraft/out/a/litter/z"), "utf8")).toBe("two\ntwo\ntwo\n");
  expect(readFileSync(join(rig.root, ".kraft/out/a/copy/y"), "utf8")).toBe("two\n");
});

test("only what was asked for is laid out", async () => {
  const rig = buildRig(files);
  await rig.run("//a:twice", inNone);
  expect(readdirSync(join(rig.root, ".kraft/out/a"))).toEqual(["twice"]);
});
