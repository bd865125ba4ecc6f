import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { executionRig, joinInputs, outs, rule } from "./execution-rig.ts";

test("a result is used but not stored when an input changed while the action ran", async () => {
  const rig = executionRig({ "main.c": "x" });
  const rules = [rule("out/a: main.c"), rule("out/b: out/a")];
  rig.work("out/a", (context, paths) => {
    joinInputs(context, paths);
    rig.write("main.c", "changed meanwhile");
  });
  const build = await rig.build(rules);
  expect(build).toMatchObject({ ok: true, counts: { executed: 2 } });
  expect(build.text("out/b")).toBe("x");
  rig.work("out/a", joinInputs);
  rig.write("main.c", "x");
  const again = await rig.build(rules);
  expect(again).toMatchObject({ counts: { executed: 1, upToDate: 1 }, ran: ["out/a"] });
});

test("a file that comes into an input directory while the action runs is a change as well", async () => {
  const rig = executionRig({ "src/main.c": "x" });
  const rules = [rule("out/a: src")];
  rig.work("out/a", ({ resolve }, { inputs, outputs: [path = ""] }) => {
    writeFileSync(resolve(path), readdirSync(resolve(inputs[0] ?? "")).join());
    rig.write("src/more.c", "");
  });
  expect((await rig.build(rules)).text("out/a")).toBe("main.c");
  const again = await rig.build(rules);
  expect(again).toMatchObject({ counts: { executed: 1 } });
  expect(again.text("out/a")).toBe("main.c,more.c");
  expect(await rig.build(rules)).toMatchObject({ counts: { upToDate: 1 } });
});

test("parts that an action does not get to see may change", async () => {
  const rig = executionRig({ "src/main.c": "x", "src/doc/a.md": "x", "src/.git/head": "x" });
  const list = rule("out/a: src", { without: { src: ["doc"] } });
  rig.work("out/a", ({ resolve }, { outputs: [path = ""] }) => {
    writeFileSync(resolve(path), readdirSync(resolve("src")).join());
  });
  expect((await rig.build([list])).text("out/a")).toBe("main.c");
  rig.write("src/doc/b.md", "new");
  rig.write("src/.git/head", "new");
  expect((await rig.build([list])).counts).toEqual({ upToDate: 1 });
  rig.write("src/main.c", "y");
  const { log } = await rig.build([list]);
  expect(log).toContain("out/a runs: src/main.c changed");
});

test("permission bits are an input where an action says so, and only there", async () => {
  const rig = executionRig({ "src/main.c": "x" });
  mkdirSync(join(rig.root, "src/etc"));
  rig.work("out/a", ({ resolve }, { outputs: [path = ""] }) => writeFileSync(resolve(path), ""));
  const plain = rule("out/a: src");
  const withModes = rule("out/a: src", { modesOf: ["src"] });
  for (const [action, counts] of [
    [plain, { upToDate: 1 }],
    [withModes, { executed: 1 }],
  ] as const) {
    chmodSync(join(rig.root, "src/etc"), 0o755);
    chmodSync(join(rig.root, "src/main.c"), 0o644);
    await rig.build([action]);
    chmodSync(join(rig.root, "src/etc"), 0o700);
    expect((await rig.build([action])).counts).toEqual(counts);
    chmodSync(join(rig.root, "src/main.c"), 0o600);
    expect((await rig.build([action])).counts).toEqual(counts);
  }
});

test("a link to a file is that file, and a change of it is seen", async () => {
  const rig = executionRig({ "real/main.c": "x" });
  symlinkSync("real/main.c", join(rig.root, "main.c"));
  const rules = [rule("out/a: main.c")];
  expect((await rig.build(rules)).text("out/a")).toBe("x");
  rig.write("real/main.c", "y");
  expect((await rig.build(rules)).text("out/a")).toBe("y");
});

test("a link that leads nowhere is no input", async () => {
  const rig = executionRig();
  symlinkSync("gone.c", join(rig.root, "main.c"));
  const { log } = await rig.build([rule("out/a: main.c")]);
  expect(log.at(-1)).toBe("out/a failed: there is no main.c");
});

test("what a build read of the user's is told, to be watched", async () => {
  const rig = executionRig({ "src/main.c": "x", "src/doc/a.md": "", "one.c": "x" });
  rig.work("out/a", ({ resolve }) => writeFileSync(resolve(`${outs}/a`), ""));
  const { equipment } = await rig.build([rule("out/a: src one.c", { without: { src: ["doc"] } })]);
  const watched = [...equipment.inputs.watched()].map((path) => path.slice(rig.root.length + 1));
  expect(watched.toSorted()).toEqual(["one.c", "src", "src/main.c"]);
});
