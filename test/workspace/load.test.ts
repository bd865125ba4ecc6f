import { expect, test } from "vitest";

import { type Diagnostic, renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import type { Source } from "../../src/diagnostic/diagnostic.ts";
import type { LoadContext, RuleSet } from "../../src/rule/rule.ts";
import { readSettings } from "../../src/workspace/config.ts";
import { isUnchanged } from "../../src/workspace/consulted.ts";
import { FileView } from "../../src/workspace/files.ts";
import { loadWorkspace, type Replacement } from "../../src/workspace/load.ts";
import { memoryDisk } from "./memory-disk.ts";

/** A rule set that owns `buildFiles`, and does `load` with each. */
function ruleSet(
  name: string,
  buildFiles: readonly string[],
  load: (file: Source, context: LoadContext) => void,
): RuleSet {
  return {
    apiVersion: 1,
    name,
    buildFiles,
    rules: [],
    load: (file, context) => {
      load(file, context);
      const at = { source: file, start: 0, end: 0 };
      return [{ name: `${name}-${file.text}`, rule: "none", at, attributes: {} }];
    },
  };
}

function load(
  files: Readonly<Record<string, string>>,
  ruleSets: readonly RuleSet[],
  replacement?: Replacement,
) {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const memory = memoryDisk(files);
  memory.pass(10_000);
  const view = new FileView(memory);
  const host = { env: {}, cpus: 1, workingDirectory: "/w" };
  const settings = readSettings({
    root: "/w",
    workspaceFile: "/w/kraft.workspace.yaml",
    files: view,
    host,
    builtInRules: [],
    report,
  });
  const request = { root: "/w", ruleSets, settings, files: view, replacement, report };
  const workspace = loadWorkspace({ ...request, hostArchitecture: "arm64" });
  return { workspace, memory, printed: diagnostics.map(renderDiagnostic).join("\n") };
}

test("each build file is loaded by the rule set that owns it, in packages by path", () => {
  const files = { "/w/b/ONE": "1", "/w/b/TWO": "2", "/w/a/TWO": "3", "/w/a/b/c/ONE.alt": "4" };
  const seen: string[] = [];
  const see = (file: Source, { packagePath }: LoadContext): void => {
    seen.push(`${packagePath} ${file.path} ${file.text}`);
  };
  const one = ruleSet("one", ["ONE", "ONE.alt"], see);
  // Also claims ONE, which the first rule set has.
  const two = ruleSet("two", ["TWO", "ONE"], see);
  const { workspace, printed } = load(files, [one, two]);
  expect(printed).toBe("");
  expect(seen).toEqual(["a a/TWO 3", "a/b/c a/b/c/ONE.alt 4", "b b/ONE 1", "b b/TWO 2"]);
  const names = [...workspace.packages.values()].map(
    ({ path, declarations }) => `${path}: ${[...declarations.keys()].join(" ")}`,
  );
  expect(names).toEqual(["a: two-3", "a/b/c: one-4", "b: one-1 two-2"]);
});

test("of several build files of one rule set, the first of its names counts", () => {
  const files = { "/w/a/ONE": "1", "/w/a/ONE.alt": "2", "/w/a/ONE.old": "3", "/w/a/TWO": "4" };
  const one = ruleSet("one", ["ONE.alt", "ONE", "ONE.old"], () => {});
  const two = ruleSet("two", ["TWO"], () => {});
  const { workspace, printed } = load(files, [one, two]);
  expect([...(workspace.packages.get("a")?.declarations.keys() ?? [])]).toEqual(["one-2", "two-4"]);
  expect(printed).toBe(
    `warning[several-build-files]: a/ONE is not read, as a/ONE.alt is there too
warning[several-build-files]: a/ONE.old is not read, as a/ONE.alt is there too`,
  );
});

test.each([
  ["a build file that its package has", "a", "ONE.alt", "a: one-2 two-4"],
  ["one of another directory", "a", "../shared/ONE", "a: one-3 two-4"],
  ["one outside of the workspace", "a", "/elsewhere/ONE", "a: one-far two-4"],
  ["one in a package that has none of that rule set", "b", "ONE.special", "b: one-5 two-6"],
  ["one in a directory that is no package", "new", "../shared/ONE", "new: one-3"],
])("a replacement can be %s", (_title, packagePath, file, expected) => {
  const files = {
    "/w/kraft.workspace.yaml": "version: 1\npackages: [a, b]",
    "/w/a/ONE": "1",
    "/w/a/ONE.alt": "2",
    "/w/a/TWO": "4",
    "/w/b/ONE.special": "5",
    "/w/b/TWO": "6",
    "/w/shared/ONE": "3",
    "/elsewhere/ONE": "far",
  };
  const one = ruleSet("one", ["ONE"], () => {});
  const two = ruleSet("two", ["TWO"], () => {});
  const { workspace, printed } = load(files, [one, two], { packagePath, file, ruleSet: "one" });
  expect(printed).toBe("");
  const names = [...(workspace.packages.get(packagePath)?.declarations.keys() ?? [])];
  expect(`${packagePath}: ${names.sort().join(" ")}`).toBe(expected);
  expect([...workspace.packages.keys()]).toEqual([...new Set(["a", "b", packagePath])].sort());
});

test("a rule set asks about paths from its package, and the workspace's settings", () => {
  const files = {
    "/w/kraft.workspace.yaml": "version: 1\nname: shop\ncomponents: {unikraft: third_party/uk}\n",
    "/w/apps/nginx/ONE": "",
    "/w/apps/nginx/conf/nginx.conf": "worker",
    "/w/shared/Makefile": "all:",
    "/elsewhere/file": "far",
  };
  const answers: unknown[] = [];
  const one = ruleSet("one", ["ONE"], (_file, context) => {
    answers.push(
      context.workspaceName,
      context.hostArchitecture,
      context.kindOf("conf"),
      context.kindOf("conf/nginx.conf"),
      context.kindOf("../../shared/Makefile"),
      context.kindOf("missing"),
      context.list("."),
      context.list("conf"),
      context.read("conf/nginx.conf"),
      context.read("../../shared/Makefile"),
      context.read("/elsewhere/file"),
      context.read("missing"),
      context.componentOf("unikraft"),
      context.componentOf("lib-lwip"),
    );
  });
  load(files, [one]);
  expect(answers).toEqual([
    "shop",
    "arm64",
    "directory",
    "file",
    "file",
    undefined,
    ["ONE", "conf"],
    ["nginx.conf"],
    { path: "apps/nginx/conf/nginx.conf", text: "worker" },
    { path: "shared/Makefile", text: "all:" },
    { path: "/elsewhere/file", text: "far" },
    undefined,
    "/w/third_party/uk",
    undefined,
  ]);
});

test.each<[string, boolean, (disk: ReturnType<typeof memoryDisk>) => void]>([
  ["a build file changes", false, (disk) => disk.write("/w/a/ONE", "other")],
  ["a package is added", false, (disk) => disk.write("/w/new/deep/ONE", "")],
  ["a file that was read changes", false, (disk) => disk.write("/w/a/Dockerfile", "FROM x")],
  ["a file appears that was looked for", false, (disk) => disk.write("/elsewhere/x", "")],
  ["the settings change", false, (disk) => disk.write("/w/kraft.workspace.yaml", "version: 1 #")],
  ["the user makes settings", false, (disk) => disk.write("/etc/kraft-graph/config.yaml", "")],
  ["a source file changes", true, (disk) => disk.write("/w/a/main.c", "int x;")],
  ["a file elsewhere changes", true, (disk) => disk.write("/tmp/x", "")],
])("when %s, the workspace is as it was: %s", (_title, expected, change) => {
  const files = {
    "/w/kraft.workspace.yaml": "version: 1",
    "/w/a/ONE": "",
    "/w/a/Dockerfile": "FROM scratch",
    "/w/a/main.c": "",
  };
  const one = ruleSet("one", ["ONE"], (_file, { read, kindOf }) => {
    read("Dockerfile");
    kindOf("/elsewhere/x");
  });
  const { workspace, memory } = load(files, [one]);
  memory.pass(10_000);
  change(memory);
  expect(isUnchanged(workspace.files.consulted(), memory)).toBe(expected);
});

test("a build file that cannot be read is reported, and its package is there", () => {
  const memory = memoryDisk({ "/w/a/ONE": "" });
  const unreadable = { ...memory, disk: { ...memory.disk, read: () => undefined } };
  const printed: string[] = [];
  const files = new FileView(unreadable);
  const report = (diagnostic: Diagnostic): number => printed.push(renderDiagnostic(diagnostic));
  const settings = readSettings({
    root: "/w",
    workspaceFile: undefined,
    files,
    host: { env: {}, cpus: 1, workingDirectory: "/w" },
    builtInRules: [],
    flags: [{ name: "--packages", key: "packages", text: "**" }],
    report,
  });
  const ruleSets = [ruleSet("one", ["ONE"], () => {})];
  const hostArchitecture = "x86_64";
  const workspace = loadWorkspace({
    root: "/w",
    ruleSets,
    settings,
    files,
    hostArchitecture,
    report,
  });
  expect(printed).toEqual(["error[unreadable-file]: a/ONE cannot be read"]);
  expect(workspace.packages.get("a")?.declarations.size).toBe(0);
});
