import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { loadGraph, openRepository, type RepositoryRequest } from "../../src/engine/repository.ts";
import { builtIn, buildRig, hostIn } from "./build-rig.ts";

/** What is found from `directory` of a workspace of `files`. */
async function open(
  files: Readonly<Record<string, string>>,
  { directory = "", ...more }: Partial<RepositoryRequest> & { directory?: string } = {},
) {
  const { root } = buildRig(files);
  mkdirSync(join(root, directory), { recursive: true });
  const printed: string[] = [];
  const report = (diagnostic: Parameters<typeof renderDiagnostic>[0]): void =>
    void printed.push(renderDiagnostic(diagnostic).replaceAll(root, "ROOT"));
  const request = { host: hostIn(join(root, directory)), builtIn, ...more };
  const repository = await openRepository(request, report);
  const graph = repository && loadGraph(repository, request, report);
  const labels = [...(graph?.targets.values() ?? [])].flatMap(({ kind, label }) =>
    kind === "rule" ? [label] : [],
  );
  return {
    repository,
    labels,
    printed: printed.join("\n"),
    root: repository?.root.replace(root, "ROOT"),
    ruleSets: repository?.ruleSets.map(({ name }) => name),
  };
}

test("a workspace is found from any directory in it", async () => {
  const files = { "kraft.workspace.yaml": "version: 1\n", "app/MACHINES": "q qemu x86_64\n" };
  const found = await open(files, { directory: "app/deep" });
  expect(found).toMatchObject({ root: "ROOT", labels: ["//app:q"], printed: "" });
  expect(found.ruleSets).toEqual(["generic", "machines"]);
  expect(found.repository?.patterns.currentPackage).toBe("app/deep");
});

test("without a workspace file, the nearest build file makes a workspace of one package", async () => {
  const files = { "a/MACHINES": "q qemu x86_64\n", "a/sub/b/MACHINES": "f fc x86_64\n" };
  expect(await open(files, { directory: "a/sub" })).toMatchObject({
    root: "ROOT/a",
    labels: ["//:q"],
    printed: "",
  });
});

test("where there is neither, it is said how to make one", async () => {
  const { repository, printed } = await open({}, { directory: "empty" });
  expect(repository).toBeUndefined();
  expect(printed).toMatchInlineSnapshot(`
    "error[no-workspace]: no kraft.workspace.yaml and no build file in ROOT/empty or above it
     = help: put a kraft.workspace.yaml with "version: 1" into the root of your repository"
  `);
});

test("a build file that is named takes the place of the package's own", async () => {
  const files = {
    "kraft.workspace.yaml": "version: 1\n",
    "app/MACHINES": "q qemu x86_64\n",
    "app/MACHINES.debug": "debug qemu x86_64\n",
    "other/MACHINES": "o qemu x86_64\n",
  };
  const replacement = { file: "MACHINES.debug", ruleSet: "machines" };
  const { labels, printed } = await open(files, { directory: "app", replacement });
  expect({ labels, printed }).toEqual({ labels: ["//app:debug", "//other:o"], printed: "" });
});

test("a build file that is named makes a package of any directory", async () => {
  const files = { "any/elsewhere": "e qemu x86_64\n" };
  const replacement = { file: "elsewhere", ruleSet: "machines" };
  expect(await open(files, { directory: "any", replacement })).toMatchObject({
    root: "ROOT/any",
    labels: ["//:e"],
    printed: "",
  });
});

test("a rule set of one's own is loaded from a file of the workspace", async () => {
  const files = {
    "kraft.workspace.yaml": "version: 1\nrules: [machines, ./rules/own.mjs]\n",
    "rules/own.mjs": `export const own = {
      apiVersion: 1, name: "own", buildFiles: ["OWN"], rules: [],
      load: (file) => [{ name: "x", rule: "kernel", at: { source: file, start: 0, end: 1 }, attributes: {} }],
    };`,
    "app/OWN": "x",
  };
  expect(await open(files)).toMatchObject({
    ruleSets: ["machines", "own"],
    labels: ["//app:x"],
    printed: "",
  });
});

test("components that a workspace names are settings with their place", async () => {
  const files = {
    "kraft.workspace.yaml": "version: 1\ncomponents:\n  unikraft: ../unikraft\n",
    "app/MACHINES": "",
  };
  const { repository } = await open(files);
  const component = repository?.settings.components.get("unikraft");
  expect(component?.value).toBe(join(repository?.root ?? "", "../unikraft"));
  expect(component?.origin).toBe("kraft.workspace.yaml:3");
});
