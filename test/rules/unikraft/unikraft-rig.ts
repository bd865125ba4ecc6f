import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

import { unikraft } from "../../../rules/unikraft/unikraft.ts";
import type { Action } from "../../../src/action/action.ts";
import { analyze } from "../../../src/analysis/analysis.ts";
import {
  type Diagnostic,
  renderDiagnostic,
  sortDiagnostics,
} from "../../../src/diagnostic/diagnostic.ts";
import { buildGraph, type Graph } from "../../../src/graph/graph.ts";
import type { Label } from "../../../src/label/label.ts";
import type { TargetResult } from "../../../src/rule/rule.ts";
import { readSettings } from "../../../src/workspace/config.ts";
import { FileView } from "../../../src/workspace/files.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { memoryDisk } from "../../workspace/memory-disk.ts";

/** What came of the Kraftfiles in a workspace. */
export interface Built {
  readonly graph: Graph;
  readonly actions: readonly Action[];
  /** Absolute directories outside the workspace, by where actions see them. */
  readonly components: Readonly<Record<string, string>>;
  readonly printed: string;
  readonly resultOf: (label: string) => TargetResult;
  /** The labels of all targets, sorted. */
  readonly labels: readonly string[];
  /** The actions with this mnemonic. */
  readonly withMnemonic: (mnemonic: string) => readonly Action[];
}

/** What a workspace is loaded with. */
interface BuildOptions {
  readonly hostArchitecture?: string;
  readonly sourceDateEpoch?: number;
  /** The labels to analyze; absent: all. */
  readonly labels?: readonly string[];
}

/**
 * Loads `files`, text by path: absolute ones, or below the root of the workspace, which is `/w`.
 * Analyzes what is asked for.
 */
export function build(files: Readonly<Record<string, string>>, options: BuildOptions = {}): Built {
  const all: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void all.push(diagnostic);
  const graph = graphOf(files, options.hostArchitecture ?? "x86_64", report);
  const labels = [...graph.targets.values()].flatMap(({ kind, label }) =>
    kind === "rule" ? [label] : [],
  );
  // As the engine does: of a graph with mistakes, no actions are made.
  const isSound = all.every(({ severity }) => severity !== "error");
  const analysis = analyze({
    graph,
    labels: isSound ? ((options.labels as Label[] | undefined) ?? labels) : [],
    workspaceRoot: "/w",
    sourceDateEpoch: options.sourceDateEpoch ?? 0,
    report,
  });
  return {
    graph,
    actions: analysis.actions,
    components: Object.fromEntries(analysis.components),
    printed: sortDiagnostics(all).map(renderDiagnostic).join("\n"),
    labels: labels.toSorted(),
    withMnemonic: (mnemonic) => analysis.actions.filter((action) => action.mnemonic === mnemonic),
    resultOf: (label) => {
      const result = analysis.results.get(label as Label);
      if (result === undefined) throw new Error(`${label} has no result`);
      return result;
    },
  };
}

function graphOf(
  files: Readonly<Record<string, string>>,
  hostArchitecture: string,
  report: (diagnostic: Diagnostic) => void,
): Graph {
  const absolute = Object.entries(files).map(([path, text]) => {
    return [path.startsWith("/") ? path : `/w/${path}`, text] as const;
  });
  const view = new FileView(memoryDisk(Object.fromEntries(absolute)));
  const settings = readSettings({
    root: "/w",
    workspaceFile: "/w/kraft.workspace.yaml",
    files: view,
    host: { env: {}, cpus: 1, workingDirectory: "/w" },
    builtInRules: ["unikraft"],
    report,
  });
  const ruleSets = [unikraft];
  const request = { root: "/w", ruleSets, settings, files: view, hostArchitecture, report };
  return buildGraph(loadWorkspace(request), ruleSets, report);
}

/** What is printed of one Kraftfile, beside which `files` are. */
export function printed(text: string, files: Readonly<Record<string, string>> = {}): string {
  return build({ ...files, "apps/x/Kraftfile": text }).printed;
}

/** Where the command `mnemonic` of a kernel ran, with `files` as all that it has. */
export function placeOf(mnemonic: string, files: Readonly<Record<string, string>>): string {
  const text = "spec: v0.6\nunikraft: {source: /core}\ntargets: [qemu/x86_64]\n";
  const built = build({ "/core/Makefile": "", "apps/x/Kraftfile": text });
  const [action] = built.withMnemonic(mnemonic);
  if (action?.kind !== "command") throw new Error(`no command is ${mnemonic}`);
  const root = mkdtempSync(join(tmpdir(), "unikraft-action-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const [program, ...args] = action.argv;
  execFileSync(program, args, { cwd: root, stdio: "pipe" });
  return root;
}

/** The argument of `action` that is JSON, read. */
export function requestIn(action: Action | undefined): Readonly<Record<string, unknown>> {
  if (action?.kind !== "program") throw new Error("no program");
  const json = action.args.find((arg) => /^[[{]/.test(arg)) ?? "";
  return JSON.parse(json) as Record<string, unknown>;
}

/** The last word of the argv of `action`, or what it is called with when that is a script. */
export function scriptOf(action: Action | undefined): string {
  return action?.kind === "command" ? (action.argv[2] ?? "") : "";
}
