import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";

import { watchRig } from "./watch-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\n",
  "app/kraft.build.yaml": `version: 1
targets:
  - name: loud
    rule: exec
    srcs: [word.txt]
    outs: [loud.txt]
    command: tr a-z A-Z < $SRCS > $OUT
    tools: [tr]
`,
  "app/word.txt": "hello\n",
};

test("builds first, and again after a save", async () => {
  const rig = watchRig(files);
  const watch = rig.watch("//app:loud");
  expect(await watch.next()).toMatchObject({ ok: true, executed: ["app/loud/loud.txt"] });
  rig.write("app/word.txt", "bye\n");
  expect(await watch.next()).toMatchObject({
    changed: ["app/word.txt"],
    ok: true,
    executed: ["app/loud/loud.txt"],
  });
});

test("tells of a broken build file, stays, and goes on when it is mended", async () => {
  const rig = watchRig(files);
  const watch = rig.watch("//app:loud");
  await watch.next();
  rig.write("app/kraft.build.yaml", `${files["app/kraft.build.yaml"]}\nbad: 1\n`);
  const broken = await watch.next();
  expect(broken.ok).toBe(false);
  expect(broken.mistakes).toEqual(['a build file has no key "bad"']);
  rig.write("app/kraft.build.yaml", files["app/kraft.build.yaml"]);
  expect(await watch.next()).toMatchObject({ ok: true, executed: [] });
});

test("follows a link to where it was made to lead, also by another link", async () => {
  const rig = watchRig({ ...files, "far/a.txt": "a\n", "further/b.txt": "b\n" });
  const { path, write } = rig;
  rmSync(path("app/word.txt"));
  symlinkSync("../middle.txt", path("app/word.txt"));
  symlinkSync("far/a.txt", path("middle.txt"));
  const watch = rig.watch("//app:loud");
  const loud = () => readFileSync(path(".kraft/out/app/loud/loud.txt"), "utf8");
  await watch.next();
  expect(loud()).toBe("A\n");
  rmSync(path("middle.txt"));
  symlinkSync("further/b.txt", path("middle.txt"));
  expect(await watch.next()).toMatchObject({ ok: true, executed: ["app/loud/loud.txt"] });
  expect(loud()).toBe("B\n");
  write("further/b.txt", "better\n");
  expect(await watch.next()).toMatchObject({ ok: true, executed: ["app/loud/loud.txt"] });
  expect(loud()).toBe("BETTER\n");
});
