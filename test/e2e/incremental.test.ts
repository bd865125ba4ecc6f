import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { expect, test } from "vitest";

import { cWorkspace } from "./c-workspace.ts";
import { rig } from "./rig.ts";

test("the first build runs all actions, and leaves programs that work", async () => {
  const { build, path } = rig(cWorkspace);
  const first = await build("//...");
  expect(first.text).toMatch(/^(\[\d\/4\] Exec \S+\n){4}done: 4 actions: 4 run; TIME\n$/);
  expect(first).toMatchObject({ code: 0, stdout: "", counts: { executed: 4 } });
  execFileSync(path(".kraft/out/app/sum/sum"));
  execFileSync(path(".kraft/out/app/zero/zero"));
});

test("a second build runs nothing, and neither does one after every file was touched", async () => {
  const { build, touch } = rig(cWorkspace);
  const first = await build("//...");
  const second = await build("//...");
  expect(second.text).toBe("done: 4 actions: 4 up to date; TIME\n");
  expect(second).toMatchObject({ code: 0, counts: { upToDate: 4 }, outputs: first.outputs });
  touch(new Date());
  const third = await build("//...", "--recheck");
  expect(third).toMatchObject({ code: 0, counts: { upToDate: 4 }, outputs: first.outputs });
});

test("a comment compiles its file, and stops where the bytes are the same again", async () => {
  const { build, write } = rig(cWorkspace);
  const first = await build("//...");
  write({ "lib/add.c": `/* Adds. */\n${cWorkspace["lib/add.c"]}` });
  const second = await build("//...");
  expect(second.executed).toEqual(["lib/add-debug/add.o", "lib/add/add.o"]);
  expect(second.counts).toEqual({ executed: 2, upToDate: 2 });
  const { "lib/add-debug/add.o": before, ...others } = first.outputs;
  const { "lib/add-debug/add.o": after, ...same } = second.outputs;
  expect(after).not.toBe(before);
  expect(same).toEqual(others);
});

test("a changed header builds what it reaches, and going back is in the cache", async () => {
  const { build, write, path } = rig(cWorkspace);
  const first = await build("//...");
  write({
    "lib/add.h": "#define add plus\nint add(int, int);\n",
  });
  const second = await build("//...");
  expect(second.executed).toEqual(["app/sum/sum", "lib/add-debug/add.o", "lib/add/add.o"]);
  expect(second.counts).toEqual({ executed: 3, upToDate: 1 });
  execFileSync(path(".kraft/out/app/sum/sum"));
  write({ "lib/add.h": cWorkspace["lib/add.h"] });
  const third = await build("//...");
  expect(third.counts).toEqual({ localHit: 3, upToDate: 1 });
  expect(third.outputs).toEqual(first.outputs);
});

test("a file that an action does not name is not there for it, and changes nothing", async () => {
  const files = {
    "kraft.build.yaml": `targets:
  - {name: seen, rule: exec, srcs: [one], outs: [list], command: 'ls > $OUT'}
`,
    one: "1",
    two: "2",
  };
  const { build, write, read } = rig(files);
  const first = await build("//...", "--sandbox", "links");
  expect(first.counts).toEqual({ executed: 1 });
  expect(read(".kraft/out/seen/list")).toBe("one\n");
  write({ two: "changed", three: "3" });
  const second = await build("//...", "--sandbox", "links");
  expect(second.counts).toEqual({ upToDate: 1 });
});

test("--explain says why each action runs", async () => {
  const { build, write } = rig(cWorkspace);
  const first = await build("//lib:add-debug", "--explain");
  expect(first.text).toBe(`Exec lib/add-debug/add.o runs:
  it was not built here before
[1/1] Exec lib/add-debug/add.o
done: 1 action: 1 run; TIME
`);
  write({ "lib/add.h": "int add(int a, int b);\n" });
  const second = await build("//lib:add-debug", "--explain");
  expect(second.text).toBe(`Exec lib/add-debug/add.o runs:
  lib/add.h changed
[1/1] Exec lib/add-debug/add.o
done: 1 action: 1 run; TIME
`);
});

test("outputs that were removed or overwritten are laid out again without running", async () => {
  const { build, path, write } = rig(cWorkspace);
  const first = await build("//...");
  rmSync(path(".kraft/out/app/sum/sum"));
  rmSync(path(".kraft/out/lib/add/add.o"));
  write({ ".kraft/out/lib/add/add.o": "junk" });
  const second = await build("//...");
  expect(second.counts).toEqual({ upToDate: 4 });
  expect(second.outputs).toEqual(first.outputs);
});

test("what an action prints to its standard error is shown, also when it comes from the cache", async () => {
  const { build, run } = rig({
    "kraft.build.yaml": `targets:
  - {name: loud, rule: exec, outs: [a], command: 'echo progress; echo careful >&2; : > $OUT'}
`,
  });
  const first = await build(":loud");
  expect(first.text).toBe(
    "Exec loud/a:\ncareful\n[1/1] Exec loud/a\ndone: 1 action: 1 run; TIME\n",
  );
  expect(first.stdout).toBe(".kraft/out/loud/a\n");
  await run(["clean"]);
  const second = await build(":loud");
  expect(second.text).toBe("Exec loud/a:\ncareful\ndone: 1 action: 1 from the local cache; TIME\n");
});
