import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { nodeDisk } from "../../src/workspace/disk.ts";
import { discoverPackages, isLeftOut } from "../../src/workspace/discover.ts";
import { FileView } from "../../src/workspace/files.ts";
import { packageFilter } from "../../src/workspace/package-filter.ts";
import { findWorkspaceRoot } from "../../src/workspace/root.ts";
import { memoryDisk } from "./memory-disk.ts";

const buildFiles = ["Kraftfile", "kraft.yaml", "kraft.build.yaml"];

/** The packages among `paths` (files, empty but for those with text), as `path: build files`. */
function found(files: Readonly<Record<string, string>>, globs: readonly string[] = []): string[] {
  return discoverPackages({ ...discoveryOf(files), globs }).map(
    ({ path, buildFiles: names }) => `${path}: ${names.join(" ")}`,
  );
}

function discoveryOf(files: Readonly<Record<string, string>>) {
  const absolute = Object.entries(files).map(([path, text]) => [`/w/${path}`, text] as const);
  const view = new FileView(memoryDisk(Object.fromEntries(absolute)));
  return { root: "/w", files: view, buildFiles, globs: [] };
}

test("a directory with a build file is a package, at any depth, with all its build files", () => {
  const files = {
    Kraftfile: "",
    "a/kraft.build.yaml": "",
    "a/Kraftfile": "",
    "a/b/c/kraft.yaml": "",
  };
  expect(found({ ...files, "d/main.c": "", "e/Kraftfile/x": "" })).toEqual([
    ": Kraftfile",
    "a: Kraftfile kraft.build.yaml",
    "a/b/c: kraft.yaml",
  ]);
});

test("version control, other tools' directories and workspaces of their own hold no packages", () => {
  const files = {
    ".git/Kraftfile": "",
    "a/node_modules/x/Kraftfile": "",
    "a/.unikraft/unikraft/Kraftfile": "",
    ".kraft/out/Kraftfile": "",
    "examples/one/kraft.workspace.yaml": "",
    "examples/one/Kraftfile": "",
    "dist/Kraftfile": "",
  };
  expect(found(files)).toEqual(["dist: Kraftfile"]);
});

test.each<[string, Record<string, string>, string[]]>([
  ["excludes directories by name, anywhere", { ".kraftignore": "old" }, ["a", "a/b", "c"]],
  ["excludes from its own directory on", { ".kraftignore": "/a/old" }, ["a", "a/b", "c", "old"]],
  ["excludes by glob, and takes back", { ".kraftignore": "/*\n!/c\n# all" }, ["c"]],
  ["in a package is relative to it", { "a/.kraftignore": "/b" }, ["a", "a/old", "c", "old"]],
  [
    "nearer to the package decides",
    { ".kraftignore": "old", "a/.kraftignore": "!old" },
    ["a", "a/b", "a/old", "c"],
  ],
  [
    "nearer decides by a place, too, and in directories with strange names",
    { ".kraftignore": "old", "a/.kraftignore": "!/old/\n!/[x] y/z", "a/[x] y/z/Kraftfile": "" },
    ["a", "a/[x] y/z", "a/b", "a/old", "c"],
  ],
  [
    "in a directory with a strange name is about that directory",
    { "[x] y/.kraftignore": "z\n!z/k", "[x] y/z/Kraftfile": "", "x/z/Kraftfile": "" },
    ["a", "a/b", "a/old", "c", "old", "x/z"],
  ],
  ["can name a build file", { ".kraftignore": "c/Kraftfile" }, ["a", "a/b", "a/old", "old"]],
  [
    "of spaces and comments excludes nothing",
    { ".kraftignore": "#x\n \n" },
    ["a", "a/b", "a/old", "c", "old"],
  ],
])("a .kraftignore %s", (_title, ignores, packages) => {
  const files = { "a/Kraftfile": "", "a/b/Kraftfile": "", "c/Kraftfile": "" };
  const all = { ...files, "old/Kraftfile": "", "a/old/Kraftfile": "", ...ignores };
  expect(found(all)).toEqual(packages.map((path) => `${path}: Kraftfile`));
  const discovery = discoveryOf(all);
  for (const path of ["a", "a/b", "a/old", "old"]) {
    expect(isLeftOut(path, discovery)).toBe(!packages.includes(path));
  }
});

test.each<[string[], string[]]>([
  [[], ["", "a", "a/b", "libs", "libs/x/y"]],
  [["**"], ["", "a", "a/b", "libs", "libs/x/y"]],
  [["."], [""]],
  [["*"], ["a", "libs"]],
  [["a"], ["a"]],
  [["./a/"], ["a"]],
  [["a/*"], ["a/b"]],
  [["libs/**"], ["libs", "libs/x/y"]],
  [["{a,libs}"], ["a", "libs"]],
  [["!a/**"], ["", "libs", "libs/x/y"]],
  [["!a"], ["", "a/b", "libs", "libs/x/y"]],
  [["!libs/**", "a", "libs/x/*"], ["a"]],
  [
    ["*/x/y", "."],
    ["", "libs/x/y"],
  ],
])("the globs %j leave the packages %j", (globs, packages) => {
  const files = ["", "a/", "a/b/", "libs/", "libs/x/y/"].map((path) => [`${path}Kraftfile`, ""]);
  expect(found(Object.fromEntries(files), globs)).toEqual(
    packages.map((path) => `${path}: Kraftfile`),
  );
});

test("the walk stays out of directories that no glob can match in", () => {
  const { mayHoldPackages } = packageFilter(["apps/*", "libs/**", "!libs/old/**"]);
  const paths = ["apps", "apps/a", "apps/a/b", "libs/x/y", "libs/old", "third_party"];
  expect(paths.filter(mayHoldPackages)).toEqual(["apps", "apps/a", "libs/x/y"]);
});

test("links to directories are not followed; a link to a build file is one", () => {
  const root = mkdtempSync(join(tmpdir(), "kraft-graph-discover-"));
  mkdirSync(join(root, "a"));
  writeFileSync(join(root, "a/Kraftfile"), "");
  symlinkSync(".", join(root, "a/loop"));
  mkdirSync(join(root, "b"));
  symlinkSync("../a/Kraftfile", join(root, "b/Kraftfile"));
  const files = new FileView({ disk: nodeDisk, epochMs: () => 0 });
  const packages = discoverPackages({ root, files, buildFiles, globs: [] });
  rmSync(root, { recursive: true });
  expect(packages.map(({ path }) => path)).toEqual(["a", "b"]);
});

test.each([
  ["/w/a/b", "workspace /w"],
  ["/w", "workspace /w"],
  ["/w/inner/x", "workspace /w/inner"],
  ["/apps/nginx/src/deep", "single package /apps/nginx"],
  ["/apps/nginx", "single package /apps/nginx"],
])("from %s, the root is the %s", (directory, expected) => {
  const files = new FileView(
    memoryDisk({
      "/w/kraft.workspace.yaml": "",
      "/w/a/b/Kraftfile": "",
      "/w/inner/kraft.workspace.yaml": "",
      "/w/inner/x/y": "",
      "/apps/nginx/Kraftfile": "",
      "/apps/nginx/src/deep/main.c": "",
    }),
  );
  const result = findWorkspaceRoot(directory, { files, buildFiles });
  expect(result.kind === "none" ? "none" : `${result.kind} ${result.root}`).toBe(expected);
});

test("where there is nothing, it says what to do", () => {
  const files = new FileView(memoryDisk());
  const result = findWorkspaceRoot("/home/me", { files, buildFiles });
  expect(result.kind === "none" ? renderDiagnostic(result.diagnostic) : result.root).toBe(
    `error[no-workspace]: no kraft.workspace.yaml and no build file in /home/me or above it
 = help: put a kraft.workspace.yaml with "version: 1" into the root of your repository`,
  );
});
