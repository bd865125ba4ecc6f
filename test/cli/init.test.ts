import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { unikraft } from "../../rules/unikraft/unikraft.ts";
import { builtIn } from "../engine/build-rig.ts";
import { cliRig } from "./cli-rig.ts";

const all = { builtIn: new Map([...builtIn, ["unikraft", () => Promise.resolve(unikraft)]]) };
const schema = "https://unpkg.com/kraft-graph@1.2.3/schemas";

test("a directory with build files becomes a workspace, which lists them", async () => {
  const { run, root } = cliRig({
    "apps/nginx/Kraftfile": "spec: v0.6\n",
    "apps/site/kraft.build.yaml": "targets: []\n",
    "node_modules/some/Kraftfile": "spec: v0.6\n",
  });
  expect(await run("init", all)).toEqual({
    code: 0,
    stderr: "",
    stdout: `2 packages:
  //apps/nginx  Kraftfile
  //apps/site   kraft.build.yaml
written kraft.workspace.yaml
written .gitignore
next: kraft-graph doctor
      kraft-graph build //apps/nginx
`,
  });
  const workspace = readFileSync(join(root, "kraft.workspace.yaml"), "utf8");
  expect(workspace.split("\n")[0]).toBe(
    `# yaml-language-server: $schema=${schema}/kraft.workspace.schema.json`,
  );
  expect(readFileSync(join(root, ".gitignore"), "utf8")).toBe("/.kraft/\n");
  // What it wrote is read without a mistake.
  expect(await run("info workspace", all)).toMatchObject({ code: 0, stderr: "" });
});

test("no file is overwritten, and what ignores outputs is added once", async () => {
  const own = "version: 1\nname: mine\n";
  const { run, root } = cliRig({
    "kraft.workspace.yaml": own,
    ".gitignore": "*.o",
    "a/kraft.build.yaml": "targets: []\n",
  });
  const first = await run("init");
  expect(first.stdout).toContain("kept kraft.workspace.yaml\nadded to .gitignore\n");
  const second = await run("init --example", all);
  expect(second.stdout).toContain("kept kraft.workspace.yaml\nkept .gitignore\nno example is ");
  expect(readFileSync(join(root, "kraft.workspace.yaml"), "utf8")).toBe(own);
  expect(readFileSync(join(root, ".gitignore"), "utf8")).toBe("*.o\n/.kraft/\n");
  expect(existsSync(join(root, "hello"))).toBe(false);
});

test("an empty directory is told how to get its first app", async () => {
  const { run } = cliRig();
  const { code, stdout } = await run(["init", "new place"], all);
  expect(code).toBe(0);
  expect(stdout).toBe(`no packages yet
written kraft.workspace.yaml
written .gitignore
next: put a Kraftfile into a directory, or kraft-graph init --example 'new place'
`);
});

test("an example is a package without mistakes, with schemas for editors", async () => {
  const { run, root } = cliRig();
  const { stdout } = await run("init --example new", all);
  expect(stdout).toBe(`1 package:
  //hello  Kraftfile
written kraft.workspace.yaml
written hello/Kraftfile
written hello/Makefile.uk
written hello/main.c
written .gitignore
next: cd new && kraft-graph doctor
      cd new && kraft-graph run //hello
`);
  const kraftfile = readFileSync(join(root, "new/hello/Kraftfile"), "utf8");
  expect(kraftfile).toContain(`$schema=${schema}/kraftfile.schema.json\n`);
  const targets = await run(["query", "//hello:all"], { ...all, directory: "new" });
  expect(targets).toMatchObject({ code: 0, stderr: "" });
  expect(targets.stdout).toContain("//hello:qemu-x86_64\n");
});

test("schemas are those of the program where it is installed", async () => {
  const folder = "node_modules/kraft-graph/schemas";
  const { run, root } = cliRig({
    [`${folder}/kraft.workspace.schema.json`]: "{}",
    [`${folder}/kraftfile.schema.json`]: "{}",
  });
  await run("init --example", all);
  const first = (path: string) => readFileSync(join(root, path), "utf8").split("\n")[0];
  const mark = "# yaml-language-server: $schema=";
  expect(first("kraft.workspace.yaml")).toBe(`${mark}./${folder}/kraft.workspace.schema.json`);
  expect(first("hello/Kraftfile")).toBe(`${mark}../${folder}/kraftfile.schema.json`);
});

test("a directory inside of a workspace stays a part of it", async () => {
  const { run, root } = cliRig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/kraft.build.yaml": "targets: []\n",
  });
  const { code, stderr } = await run("init", { directory: "app" });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      "error: ROOT/app is part of the workspace in ROOT\n" +
      "a workspace inside of another is none of its packages: write its kraft.workspace.yaml yourself\n",
  });
  expect(existsSync(join(root, "app/kraft.workspace.yaml"))).toBe(false);
});

test("a place where no directory can be is named", async () => {
  const { run } = cliRig({ file: "" });
  const { code, stderr } = await run("init file");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: .*ROOT\/file\b/);
});
