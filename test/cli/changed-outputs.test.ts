import {
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { cliRig } from "./cli-rig.ts";

/** A workspace with one target, and what it builds it with. */
function targetRig(outs: string, command: string) {
  const fileOf = (its: string, how: string) =>
    `version: 1\ntargets:\n  - {name: a, rule: exec, srcs: [in.txt], outs: [${its}], command: "${how}"}\n`;
  const rig = cliRig({
    "kraft.workspace.yaml": "version: 1\n",
    "p/kraft.build.yaml": fileOf(outs, command),
    "p/in.txt": "1\n",
  });
  const build = async (kind: string) => {
    const { code, stderr } = await rig.run(`build //p:a --sandbox=${kind}`);
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
  };
  return {
    ...rig,
    build,
    rewrite: (its: string, how: string) => rig.write("p/kraft.build.yaml", fileOf(its, how)),
    at: (path: string) => join(rig.root, path),
    read: (path: string) => readFileSync(join(rig.root, path), "utf8"),
  };
}

for (const kind of ["none", "links"]) {
  test(`with ${kind}, nothing is laid out behind an output that was a link`, async () => {
    const rig = targetRig("res", "ln -s ../../../../p $OUT");
    await rig.build(kind);
    expect(lstatSync(rig.at(".kraft/out/p/a/res")).isSymbolicLink()).toBe(true);
    rig.rewrite("res/in.txt", "echo generated > $OUT");
    await rig.build(kind);
    expect(rig.read("p/in.txt")).toBe("1\n");
    expect(lstatSync(rig.at(".kraft/out/p/a/res")).isDirectory()).toBe(true);
    expect(rig.read(".kraft/out/p/a/res/in.txt")).toBe("generated\n");
  });

  test(`with ${kind}, a file becomes a directory and a file again, and each is replaced`, async () => {
    const rig = targetRig("res", "cat $SRCS > $OUT");
    for (const outs of ["res", "res/x", "res", "res/x/y", "res/x"]) {
      rig.rewrite(outs, "cat $SRCS > $OUT");
      for (const round of ["first", "second"]) {
        rig.write("p/in.txt", `${outs} ${round}\n`);
        await rig.build(kind);
        expect(rig.read(`.kraft/out/p/a/${outs}`)).toBe(`${outs} ${round}\n`);
      }
    }
  });

  test(`with ${kind}, what a user put in the place of directories is replaced`, async () => {
    const rig = targetRig("res", "cat $SRCS > $OUT");
    const replace: readonly ((path: string) => void)[] = [
      (path) => writeFileSync(path, "mine"),
      (path) => symlinkSync("nowhere", path),
    ];
    for (const path of [".kraft/out", ".kraft/out/p", ".kraft/out/p/a"]) {
      for (const put of replace) {
        await rig.build(kind);
        rmSync(rig.at(path), { recursive: true });
        put(rig.at(path));
        await rig.build(kind);
        expect(rig.read(".kraft/out/p/a/res")).toBe("1\n");
      }
    }
  });

  test(`with ${kind}, outputs may be behind a link, and stay there`, async () => {
    const rig = targetRig("res", "cat $SRCS > $OUT");
    mkdirSync(rig.at(".kraft"));
    mkdirSync(rig.at("elsewhere"));
    symlinkSync("../elsewhere", rig.at(".kraft/out"));
    for (const text of ["1\n", "2\n"]) {
      rig.write("p/in.txt", text);
      await rig.build(kind);
      expect(rig.read("elsewhere/p/a/res")).toBe(text);
    }
  });
}

test("directories that an action gave another mode are laid out as all others", async () => {
  const modesOf = async (kind: string) => {
    const rig = targetRig(
      "d/x",
      "cat $SRCS > $OUT; chmod 700 .kraft/out/p/a/d; chmod 1777 .kraft/out/p",
    );
    await rig.build(kind);
    const paths = [".kraft/out/p", ".kraft/out/p/a", ".kraft/out/p/a/d"];
    return paths.map((path) => statSync(rig.at(path)).mode);
  };
  expect(await modesOf("none")).toEqual(await modesOf("links"));
});
