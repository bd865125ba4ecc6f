import { generic } from "../../../rules/generic/generic.ts";
import { solo5 } from "../../../rules/solo5/solo5.ts";
import { analyze } from "../../../src/analysis/analysis.ts";
import {
  type Diagnostic,
  renderDiagnostic,
  sortDiagnostics,
} from "../../../src/diagnostic/diagnostic.ts";
import type { Label } from "../../../src/label/label.ts";
import { load } from "../../graph/graph-rig.ts";

/** Loads `files` (text by path from the root of a workspace) and analyzes every target. */
export function build(files: Readonly<Record<string, string>>) {
  const { graph, diagnostics } = load(files, [generic, solo5]);
  const all: Diagnostic[] = [...diagnostics];
  const labels = [...graph.targets.values()].flatMap(({ kind, label }) =>
    kind === "rule" ? [label] : [],
  );
  const hasErrors = all.some(({ severity }) => severity === "error");
  const analysis = analyze({
    graph,
    labels: hasErrors ? [] : labels,
    workspaceRoot: "/w",
    sourceDateEpoch: 0,
    report: (diagnostic) => void all.push(diagnostic),
  });
  return {
    graph,
    actions: analysis.actions,
    printed: sortDiagnostics(all).map(renderDiagnostic).join("\n"),
    resultOf: (label: string) => {
      const result = analysis.results.get(label as Label);
      if (result === undefined) throw new Error(`${label} has no result`);
      return result;
    },
  };
}
