import { bunny } from "../../../rules/bunny/bunny.ts";
import { generic } from "../../../rules/generic/generic.ts";
import type { Action } from "../../../src/action/action.ts";
import { analyze } from "../../../src/analysis/analysis.ts";
import {
  type Diagnostic,
  renderDiagnostic,
  sortDiagnostics,
} from "../../../src/diagnostic/diagnostic.ts";
import { buildGraph } from "../../../src/graph/graph.ts";
import type { Label } from "../../../src/label/label.ts";
import type { Rule, RuleSet, TargetResult } from "../../../src/rule/rule.ts";
import { readSettings } from "../../../src/workspace/config.ts";
import { FileView } from "../../../src/workspace/files.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { memoryDisk } from "../../workspace/memory-disk.ts";

/** What came of the files of a workspace. */
export interface Built {
  readonly printed: string;
  readonly actions: readonly Action[];
  readonly labels: readonly string[];
  readonly resultOf: (label: string) => TargetResult | undefined;
}

/** Loads `files`, text by path below the root, with the rule sets given besides, and analyzes all. */
export function build(
  files: Readonly<Record<string, string>>,
  more: readonly RuleSet[] = [],
): Built {
  const all: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void all.push(diagnostic);
  const absolute = Object.entries(files).map(([path, text]) => [`/w/${path}`, text] as const);
  const view = new FileView(memoryDisk(Object.fromEntries(absolute)));
  const settings = readSettings({
    root: "/w",
    workspaceFile: "/w/kraft.workspace.yaml",
    files: view,
    host: { env: {}, cpus: 1, workingDirectory: "/w" },
    builtInRules: ["bunny"],
    report,
  });
  const ruleSets = [bunny, generic, ...more];
  const hostArchitecture = "x86_64";
  const request = { root: "/w", ruleSets, settings, files: view, hostArchitecture, report };
  const graph = buildGraph(loadWorkspace(request), ruleSets, report);
  const labels = [...graph.targets.values()].flatMap(({ kind, label }) =>
    kind === "rule" ? [label] : [],
  );
  const isSound = all.every(({ severity }) => severity !== "error");
  const analysis = analyze({
    graph,
    labels: isSound ? labels : [],
    workspaceRoot: "/w",
    sourceDateEpoch: 0,
    report,
  });
  return {
    printed: sortDiagnostics(all).map(renderDiagnostic).join("\n"),
    actions: analysis.actions,
    labels: labels.toSorted(),
    resultOf: (label) => analysis.results.get(label as Label),
  };
}

/** What is printed of a bunnyfile, beside which there are a kernel `k` and a directory `conf`. */
export function printed(text: string): string {
  return build({ "app/bunnyfile": text, "app/k": "", "app/conf/a": "" }).printed;
}

/** A rule set whose one target, `//images/app:app`, can be booted. */
export function bootable(platform: string, architecture: string): RuleSet {
  const rule: Rule = {
    name: "bootable",
    description: "something to boot",
    attributes: {},
    analyze: ({ output, action }) => {
      const kernel = output("app_kernel");
      action({ kind: "write", mnemonic: "Write", text: "", inputs: [], outputs: [kernel] });
      const machine = { platform, architecture, kernel, name: "app", args: [], env: [] };
      return { outputs: [kernel], machine };
    },
  };
  return {
    apiVersion: 1,
    name: "bootable",
    buildFiles: ["bootable"],
    load: (source) => [
      { name: "app", rule: "bootable", at: { source, start: 0, end: 0 }, attributes: {} },
    ],
    rules: [rule],
  };
}
