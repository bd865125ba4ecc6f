import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";

import { type Ran, rig } from "./rig.ts";

const target = (name: string, more = ""): string =>
  `  - {name: ${name}, rule: exec, outs: [o], command: 'echo ${name} > $OUT'${more}}\n`;

const shop = {
  "kraft.workspace.yaml": "version: 1\n",
  "kraft.build.yaml": `targets:\n${target("top")}`,
  "apps/web/kraft.build.yaml": `targets:\n${target("server", ", default: true")}${target("docs")}`,
  "apps/db/kraft.build.yaml": `targets:\n${target("db")}${target("tools")}`,
  "libs/kraft.build.yaml": `targets:\n${target("tls")}`,
  "libs/sub/README": "",
};

/** The labels that were built. */
function builtBy({ events, code }: Ran): string {
  expect(code).toBe(0);
  const finished = events.filter(({ kind }) => kind === "action-finished");
  return finished
    .map(({ owner }) => String(owner))
    .sort()
    .join(" ");
}

const everything =
  "//:top //apps/db:db //apps/db:tools //apps/web:docs //apps/web:server //libs:tls";

for (const [directory, words, built] of [
  ["", ["//..."], everything],
  ["apps/web", ["//..."], everything],
  ["", ["..."], everything],
  ["apps", ["..."], "//apps/db:db //apps/db:tools //apps/web:docs //apps/web:server"],
  ["", ["//apps/..."], "//apps/db:db //apps/db:tools //apps/web:docs //apps/web:server"],
  ["", ["//apps/web"], "//apps/web:server"],
  ["", ["//apps/db"], "//apps/db:db"],
  ["", ["//apps/web:all"], "//apps/web:docs //apps/web:server"],
  ["apps/web", [], "//apps/web:server"],
  ["apps/web", ["."], "//apps/web:server"],
  ["apps/web", [":docs"], "//apps/web:docs"],
  ["apps/web", ["docs"], "//apps/web:docs"],
  ["apps/web", ["../db"], "//apps/db:db"],
  ["apps", ["web:docs", "./db:tools"], "//apps/db:tools //apps/web:docs"],
  ["", ["--", "//...", "-//apps/..."], "//:top //libs:tls"],
  ["apps", ["--", "...", "-//apps/web:docs", "-db:all"], "//apps/web:server"],
  ["", ["--", "//...", "-//apps/...", "//apps/db"], "//:top //apps/db:db //libs:tls"],
  ["", ["//...", "--target", "docs"], "//apps/web:docs"],
  ["", ["//...:docs"], "//apps/web:docs"],
  ["apps", ["...:tools", "//...:tls"], "//apps/db:tools //libs:tls"],
  ["", ["--", "//apps/...", "-//...:docs"], "//apps/db:db //apps/db:tools //apps/web:server"],
  ["apps/db", ["--target", "tools"], "//apps/db:tools"],
] as const) {
  const where = directory === "" ? "the root" : directory;
  test(`in ${where}, "${words.join(" ")}" builds ${built === everything ? "all" : built}`, async () => {
    expect(builtBy(await rig(shop).run(["build", ...words], { directory }))).toBe(built);
  });
}

test("what a single target gives is printed as a path that works from where the user is", async () => {
  const { run, root } = rig(shop);
  const atRoot = await run(["build", "//libs:tls"]);
  expect(atRoot.stdout).toBe(".kraft/out/libs/tls/o\n");
  const below = await run(["build", ":tls"], { directory: "libs" });
  expect(below.stdout).toBe(`${root}/.kraft/out/libs/tls/o\n`);
  expect((await run(["build", "//libs:tls", "//:top"])).stdout).toBe("");
});

test("a name that no package has is refused, with one that is near", async () => {
  const ran = await rig(shop).run(["build", "//apps/...:docz"]);
  expect(ran).toMatchObject({ code: 2, stdout: "", counts: {} });
  expect(ran.text).toBe(`\
error[unknown-target]: no package at or below //apps has a target "docz"
 = help: did you mean "docs"?
failed: no actions; TIME
`);
});

test("a directory that is no package is refused", async () => {
  const ran = await rig(shop).run(["build"], { directory: "libs/sub" });
  expect(ran).toMatchObject({ code: 2, stdout: "", counts: {} });
  expect(ran.text).toBe(`\
error[unknown-package]: there is no package //libs/sub
 = help: that directory belongs to a package: write "//libs:sub"
failed: no actions; TIME
`);
});

test("a directory outside of every workspace is refused", async () => {
  const { run, place } = rig({});
  mkdirSync(`${place}/elsewhere`);
  const ran = await run(["build"], { directory: "../elsewhere" });
  expect(ran).toMatchObject({ code: 2, stdout: "", counts: {} });
  expect(ran.text.replaceAll(place, "PLACE")).toBe(`\
error[no-workspace]: no kraft.workspace.yaml and no build file in PLACE/elsewhere or above it
 = help: put a kraft.workspace.yaml with "version: 1" into the root of your repository
failed: no actions; TIME
`);
});

const machines = `spec: v0.6
name: app
unikraft: stable
targets:
  - qemu/x86_64
  - qemu/arm64
  - fc/x86_64
`;

for (const [words, message] of [
  [["--plat", "xen"], "no target is for xen and any architecture"],
  [["--plat", "fc", "--arch", "arm64"], "no target is for fc and arm64"],
  [["--target", "fc-arm64"], 'no target is called "fc-arm64"'],
] as const) {
  test(`"${words.join(" ")}" is refused when no target is for that`, async () => {
    const ran = await rig({ Kraftfile: machines }).build(...words);
    expect(ran).toMatchObject({ code: 2, stdout: "", counts: {} });
    expect(ran.text).toContain(`error[nothing-selected]: ${message}\n`);
  });
}
