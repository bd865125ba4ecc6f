import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { cliRig } from "./cli-rig.ts";

/** What two targets make of an input, of which the first replaces it by another file, or removes it. */
async function builtAfter(replacing: string, kind: string) {
  const rig = cliRig({
    "kraft.workspace.yaml": "version: 1\n",
    "p/kraft.build.yaml": `version: 1
targets:
  - {name: gen, rule: exec, outs: [conf], command: "echo level=1 > $OUT"}
  - {name: first, rule: exec, srcs: [":gen"], outs: [o], command: "${replacing}; echo done > $OUT"}
  - {name: last, rule: exec, srcs: [":gen", ":first"], outs: [o], command: "cat .kraft/out/p/gen/conf > $OUT"}
`,
  });
  const build = async (words: string) => rig.run(`build ${words} --sandbox=${kind} -j1`);
  const failed = await build("//p:first");
  const { code } = await build("-k //p:all");
  rig.write(
    "p/kraft.build.yaml",
    'version: 1\ntargets:\n  - {name: gen, rule: exec, outs: [conf], command: "echo level=1 > $OUT"}\n  - {name: last, rule: exec, srcs: [":gen"], outs: [o], command: "cat .kraft/out/p/gen/conf > $OUT"}\n',
  );
  const rest = await build("//p:last");
  return { failed, code, rest, text: readFileSync(join(rig.root, ".kraft/out/p/last/o"), "utf8") };
}

for (const replacing of ["sed -i s/1/9/ $SRCS", "rm -f $SRCS"]) {
  test(`with none, an action fails that replaces what others find: ${replacing}`, async () => {
    const { failed, code, rest, text } = await builtAfter(replacing, "none");
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("it wrote to its input .kraft/out/p/gen/conf");
    expect(code).toBe(1);
    expect(rest.code).toBe(0);
    expect(text).toBe("level=1\n");
  });
}

test("with links, what an action replaces is its own business", async () => {
  const { failed, code, rest, text } = await builtAfter("sed -i s/1/9/ $SRCS", "links");
  expect([failed.code, code, rest.code]).toEqual([0, 0, 0]);
  expect(text).toBe("level=1\n");
});

test("with none, an action after it finds what it is to find", async () => {
  const rig = cliRig({
    "kraft.workspace.yaml": "version: 1\n",
    "p/kraft.build.yaml": `version: 1
targets:
  - {name: gen, rule: exec, outs: [conf], command: "echo level=1 > $OUT"}
  - {name: bad, rule: exec, srcs: [":gen"], outs: [o], command: "sed -i s/1/9/ $SRCS; exit 3"}
  - {name: z, rule: exec, srcs: [":gen"], outs: [o], command: "cat $SRCS > $OUT"}
`,
  });
  const { code } = await rig.run("build -k //p:gen //p:bad //p:z --sandbox=none -j1");
  expect(code).toBe(1);
  expect(readFileSync(join(rig.root, ".kraft/out/p/z/o"), "utf8")).toBe("level=1\n");
});
