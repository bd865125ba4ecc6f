import { expect, test } from "vitest";

import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { type Choice, chooseTargets, isPackageChosen } from "../../src/engine/choose-targets.ts";
import { load } from "../graph/graph-rig.ts";
import { machineRules } from "./machine-rules.ts";

const { graph } = load(
  {
    "kraft.workspace.yaml": "version: 1",
    "apps/a/MACHINES": "qemu-x86_64 qemu x86_64\nfc-x86_64 fc x86_64\nqemu-arm64 qemu arm64\n",
    "apps/b/MACHINES": "qemu-x86_64 qemu x86_64\nplain\n",
    "docs/MACHINES": "plain\n",
  },
  [machineRules],
);

const context = {
  currentPackage: "apps/a",
  workspaceRoot: "/w",
  workingDirectory: "/w/apps/a",
  kindOf: () => undefined,
};

/** What `patterns`, separated by spaces, choose; or what is printed. */
function choose(patterns: string, choice: Omit<Choice, "patterns"> = {}): string {
  const printed: string[] = [];
  const labels = chooseTargets(
    graph,
    { patterns: patterns.match(/\S+/g) ?? [], ...choice },
    { context, report: (diagnostic) => void printed.push(renderDiagnostic(diagnostic)) },
  );
  return [...printed, ...labels].join("\n");
}

test("without options, patterns say it all; none stands for the current package", () => {
  expect(choose("")).toBe("//apps/a:qemu-x86_64");
  expect(choose("//apps/b //docs")).toBe("//apps/b:qemu-x86_64\n//docs:plain");
});

test("with a platform or an architecture, a package stands for all of its targets for that", () => {
  expect(choose("", { platform: "fc" })).toBe("//apps/a:fc-x86_64");
  expect(choose("", { architecture: "x86_64" })).toBe("//apps/a:fc-x86_64\n//apps/a:qemu-x86_64");
  expect(choose("//...", { platform: "qemu", architecture: "x86_64" })).toBe(
    "//apps/a:qemu-x86_64\n//apps/b:qemu-x86_64",
  );
});

test("with a name, only targets of that name, and only those that fit", () => {
  expect(choose("//...", { name: "plain" })).toBe("//apps/b:plain\n//docs:plain");
  expect(choose("", { name: "qemu-arm64", platform: "qemu" })).toBe("//apps/a:qemu-arm64");
});

test("a name in all packages goes together with a platform", () => {
  expect(choose("//...:plain")).toBe("//apps/b:plain\n//docs:plain");
  expect(choose("//...:qemu-x86_64", { architecture: "x86_64" })).toBe(
    "//apps/a:qemu-x86_64\n//apps/b:qemu-x86_64",
  );
});

test("a platform that no target is for is reported, with those that there are", () => {
  expect(choose("", { platform: "xen" })).toMatchInlineSnapshot(`
    "error[nothing-selected]: no target is for xen and any architecture
     = help: there are fc/x86_64, qemu/arm64, qemu/x86_64"
  `);
  expect(choose("", { platform: "fc", architecture: "arm64" })).toMatchInlineSnapshot(`
    "error[nothing-selected]: no target is for fc and arm64
     = help: there are fc/x86_64, qemu/arm64, qemu/x86_64"
  `);
  expect(choose("//docs", { architecture: "arm64" })).toMatchInlineSnapshot(`
    "error[nothing-selected]: no target is for any platform and arm64
     = help: none is for a machine at all"
  `);
  expect(choose("", { name: "qemu-arm64", platform: "fc" })).toMatchInlineSnapshot(`
    "error[nothing-selected]: no target called "qemu-arm64" is for fc and any architecture
     = help: there are fc/x86_64, qemu/arm64, qemu/x86_64"
  `);
});

test("a name that no target has is reported, with one that is near", () => {
  expect(choose("", { name: "qemu-x86-64" })).toMatchInlineSnapshot(`
    "error[nothing-selected]: no target is called "qemu-x86-64"
     = help: did you mean "qemu-x86_64"?"
  `);
  expect(choose("", { name: "unheard-of" })).toMatchInlineSnapshot(
    `"error[nothing-selected]: no target is called "unheard-of""`,
  );
});

test("what is no pattern is reported, all of them, and nothing is chosen", () => {
  expect(choose("//apps/b @core //a:b:c")).toMatchInlineSnapshot(`
    "error[bad-label]: "@core" is not a target pattern: a component's target must be named in full
     = help: such as @unikraft//:source
    error[bad-label]: "//a:b:c" is not a target pattern: "b:c" cannot be the name of a target
     = help: a pattern is //package:target, //package, //package:all, //path/..., //path/...:target or a directory"
  `);
});

test("what patterns name and is not there is reported once", () => {
  expect(choose("//apps/c", { platform: "qemu" })).toMatchInlineSnapshot(`
    "error[unknown-package]: there is no package //apps/c
     = help: did you mean "//apps/a"?"
  `);
});

test("a package is chosen by its label, its targets, or a pattern above it; the last one counts", () => {
  const isChosen = (packagePath: string, ...patterns: string[]): boolean =>
    isPackageChosen(packagePath, { patterns }, context);
  expect(
    ["//...", "//apps/...", "//apps/b", "//apps/b:x"].map((one) => isChosen("apps/b", one)),
  ).toEqual([true, true, true, true]);
  expect(
    ["//apps", "//apps/bb/...", "//apps/b/x", "@b//:x"].map((one) => isChosen("apps/b", one)),
  ).toEqual([false, false, false, false]);
  expect(isChosen("apps/a")).toBe(true);
  expect(isChosen("apps/b", "//...", "-//apps/...")).toBe(false);
  expect(isChosen("apps/b", "//...", "-//apps/b:x")).toBe(true);
  expect(isChosen("apps/b", "-//apps/...", "//apps/b")).toBe(true);
  expect(isChosen("apps/b", "//apps/...:oci")).toBe(true);
  expect(isChosen("docs", "//apps/...:oci")).toBe(false);
  expect(isChosen("apps/b", "//...", "-//apps/...:oci")).toBe(true);
});
