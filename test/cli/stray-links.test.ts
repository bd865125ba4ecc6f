import { lstatSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { cliRig } from "./cli-rig.ts";

function linkRig(command: string) {
  const rig = cliRig({
    "kraft.workspace.yaml": "version: 1\n",
    "p/in.txt": "1\n",
    "p/kraft.build.yaml": `version: 1
targets:
  - {name: tree, rule: exec, srcs: [in.txt], outs: [t], command: "mkdir -p $OUT/a; cp $SRCS $OUT/a/f"}
  - {name: a, rule: exec, srcs: [in.txt, ":tree"], outs: [o], command: "${command}"}
`,
  });
  const outputOf = () => lstatSync(join(rig.root, ".kraft/out/p/a/o"));
  return { build: (kind: string) => rig.run(`build //p:a --sandbox=${kind}`), outputOf };
}

for (const kind of ["none", "links"]) {
  for (const command of [
    "mkdir $OUT; cp -a .kraft/out/p/tree/t $OUT/",
    "ln -s $PWD/p/in.txt $OUT",
    "mkdir -p $OUT/b; ln -s $PWD/../x $OUT/b/c",
  ]) {
    test(`with ${kind}, no output is a link to what only this workspace has: ${command}`, async () => {
      const { code, stderr } = await linkRig(command).build(kind);
      expect(code).toBe(1);
      expect(stderr).toMatch(/its output \S+ has a symbolic link to \S+, which is there in this/);
    });
  }

  for (const target of ["/usr/bin/env", "../t", "/nowhere", "in.txt"]) {
    test(`with ${kind}, an output may be a link to ${target}`, async () => {
      const { build, outputOf } = linkRig(`ln -s ${target} $OUT`);
      expect(await build(kind)).toMatchObject({ code: 0 });
      expect(outputOf().isSymbolicLink()).toBe(true);
    });
  }
}

test("with links, no copy of a source is a link to it", async () => {
  const { code, stderr } = await linkRig("cp -a p/in.txt $OUT").build("links");
  expect(code).toBe(1);
  expect(stderr).toContain("(cp -L copies what it leads to)");
});
