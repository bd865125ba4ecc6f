import { generic } from "../../../rules/generic/generic.ts";
import type { Action } from "../../../src/action/action.ts";
import { analyze } from "../../../src/analysis/analysis.ts";
import {
  type Diagnostic,
  renderDiagnostic,
  sortDiagnostics,
} from "../../../src/diagnostic/diagnostic.ts";
import type { Graph } from "../../../src/graph/graph.ts";
import type { Label } from "../../../src/label/label.ts";
import type { TargetResult } from "../../../src/rule/rule.ts";
import { load } from "../../graph/graph-rig.ts";

/** What came of the build files in a workspace. */
export interface Built {
  readonly graph: Graph;
  readonly actions: readonly Action[];
  readonly printed: string;
  readonly resultOf: (label: string) => TargetResult;
}

/** Loads `files` (text by path from the root of a workspace) and analyzes every target. */
export function build(files: Readonly<Record<string, string>>): Built {
  const { graph, diagnostics } = load(files, [generic]);
  const all: Diagnostic[] = [...diagnostics];
  const labels = [...graph.targets.values()].flatMap(({ kind, label }) =>
    kind === "rule" ? [label] : [],
  );
  // As the engine does: of a graph with mistakes, no actions are made.
  const analysis = analyze({
    graph,
    labels: all.some(({ severity }) => severity === "error") ? [] : labels,
    workspaceRoot: "/w",
    sourceDateEpoch: 0,
    report: (diagnostic) => void all.push(diagnostic),
  });
  return {
    graph,
    actions: analysis.actions,
    printed: sortDiagnostics(all).map(renderDiagnostic).join("\n"),
    resultOf: (label) => {
      const result = analysis.results.get(label as Label);
      if (result === undefined) throw new Error(`${label} has no result`);
      return result;
    },
  };
}

/** What is printed of one build file at the root, beside which `files` are. */
export function printed(text: string, files: Readonly<Record<string, string>> = {}): string {
  return build({ ...files, "kraft.build.yaml": text }).printed;
}
