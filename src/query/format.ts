import { assertNever } from "../base/brand.ts";
import type { Label } from "../label/label.ts";
import type { QueryGraph } from "./query-graph.ts";

/** The forms in which results of a query can be printed, as Bazel calls them. */
export const queryOutputs = ["label", "label_kind", "graph", "json"] as const;

/** See {@link queryOutputs}. */
export type QueryOutput = (typeof queryOutputs)[number];

/**
 * `labels` as text of whole lines. `label` and `label_kind` have a line for each, so none for an
 * empty result; `graph` is a Graphviz graph of the labels and the dependencies between them;
 * `json` is a list of objects with `label`, `kind` and all `dependencies`.
 */
export function formatQuery(
  labels: readonly Label[],
  graph: QueryGraph,
  output: QueryOutput,
): string {
  switch (output) {
    case "label":
      return lines(labels);
    case "label_kind":
      return lines(labels.map((label) => `${graph.kindOf(label)} ${label}`));
    case "graph":
      return dotOf(labels, graph);
    case "json":
      return jsonOf(labels, graph);
    default:
      return assertNever(output);
  }
}

/** Source: what `bazel query --output=graph --nograph:factored` prints. */
function dotOf(labels: readonly Label[], graph: QueryGraph): string {
  const shown = new Set(labels);
  const body = labels.flatMap((label) => {
    const dependencies = graph.depsOf(label).filter((dependency) => shown.has(dependency));
    const edges = dependencies.toSorted().map((end) => `  ${quoted(label)} -> ${quoted(end)}`);
    return [`  ${quoted(label)}`, ...edges];
  });
  return lines(["digraph mygraph {", "  node [shape=box];", ...body, "}"]);
}

function jsonOf(labels: readonly Label[], graph: QueryGraph): string {
  const objects = labels.map((label) => {
    const dependencies = graph.depsOf(label).toSorted();
    return JSON.stringify({ label, kind: graph.kindOf(label), dependencies });
  });
  // A line for each target: whole as JSON, and readable for line tools as well.
  return objects.length === 0 ? "[]\n" : lines(["[", `  ${objects.join(",\n  ")}`, "]"]);
}

/** A quoted identifier of Graphviz, in which only quotes and backslashes are special. */
function quoted(label: Label): string {
  return `"${label.replaceAll(/["\\]/g, "\\$&")}"`;
}

function lines(each: readonly string[]): string {
  return each.map((line) => `${line}\n`).join("");
}
