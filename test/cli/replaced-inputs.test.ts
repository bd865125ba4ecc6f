import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { cliRig } from "./cli-rig.ts";

/** A build file of `gen`, which makes `conf`, and of targets of one output that read it. */
function fileOf(commands: Readonly<Record<string, string>>): string {
  const targets = Object.entries(commands).map(
    ([name, command]) =>
      `  - {name: ${name}, rule: exec, srcs: [":gen"], outs: [o], command: "${command}"}\n`,
  );
  const gen = '  - {name: gen, rule: exec, outs: [conf], command: "echo level=1 > $OUT"}\n';
  return `version: 1\ntargets:\n${gen}${targets.join("")}`;
}

/** A workspace with that, and what it takes to build and read. */
function confRig(commands: Readonly<Record<string, string>>, kind: string) {
  const rig = cliRig({
    "kraft.workspace.yaml": "version: 1\n",
    "p/kraft.build.yaml": fileOf(commands),
  });
  return {
    build: async (words: string) => rig.run(`build ${words} --sandbox=${kind} -j1`),
    rewrite: (others: typeof commands) => rig.write("p/kraft.build.yaml", fileOf(others)),
    outputOf: (name: string) => readFileSync(join(rig.root, `.kraft/out/p/${name}/o`), "utf8"),
  };
}

const reading = "cat $SRCS > $OUT";

/** What comes of a target that replaces an input by another file, or removes it, and of others. */
async function builtAfter(replacing: string, kind: string) {
  const first = `${replacing}; echo done > $OUT`;
  const rig = confRig({ first, last: reading }, kind);
  const failed = await rig.build("//p:first");
  const { code } = await rig.build("-k //p:all");
  rig.rewrite({ last: reading });
  const rest = await rig.build("//p:last");
  return { failed, code, rest, text: rig.outputOf("last") };
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
  const { build, outputOf } = confRig({ bad: "sed -i s/1/9/ $SRCS; exit 3", z: reading }, "none");
  const { code } = await build("-k //p:gen //p:bad //p:z");
  expect(code).toBe(1);
  expect(outputOf("z")).toBe("level=1\n");
});
