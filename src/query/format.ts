import { assertNever } from "../base/brand.ts";
import type { QueryGraph, QueryNode } from "./query-graph.ts";

/** The forms in which results of a query can be printed, as Bazel calls them. */
export const queryOutputs = ["label", "label_kind", "graph", "json"] as const;

/** See {@link queryOutputs}. */
export type QueryOutput = (typeof queryOutputs)[number];

/**
 * `nodes` as text of whole lines. `label` and `label_kind` have a line for each, so none for an
 * empty result; `graph` is a Graphviz graph of them and the dependencies between them;
 * `json` is a list of objects with `label`, `kind` and all `dependencies`.
 */
export function formatQuery(
  nodes: readonly QueryNode[],
  graph: QueryGraph,
  output: QueryOutput,
): string {
  switch (output) {
    case "label":
      return lines(nodes);
    case "label_kind":
      return lines(nodes.map((node) => `${graph.kindOf(node)} ${node}`));
    case "graph":
      return dotOf(nodes, graph);
    case "json":
      return jsonOf(nodes, graph);
    default:
      return assertNever(output);
  }
}

/** Source: what `bazel query --output=graph --nograph:factored` prints. */
function dotOf(nodes: readonly QueryNode[], graph: QueryGraph): string {
  const shown = new Set(nodes);
  const body = nodes.flatMap((node) => {
    const dependencies = graph.depsOf(node).filter((dependency) => shown.has(dependency));
    const edges = dependencies.toSorted().map((end) => `  ${quoted(node)} -> ${quoted(end)}`);
    return [`  ${quoted(node)}`, ...edges];
  });
  return lines(["digraph mygraph {", "  node [shape=box];", ...body, "}"]);
}

function jsonOf(nodes: readonly QueryNode[], graph: QueryGraph): string {
  const objects = nodes.map((label) => {
    const dependencies = graph.depsOf(label).toSorted();
    return JSON.stringify({ label, kind: graph.kindOf(label), dependencies });
  });
  // A line for each target: whole as JSON, and readable for line tools as well.
  return objects.length === 0 ? "[]\n" : lines(["[", `  ${objects.join(",\n  ")}`, "]"]);
}

/** A quoted identifier of Graphviz, in which only quotes and backslashes are special. */
function quoted(node: QueryNode): string {
  return `"${node.replaceAll(/["\\]/g, "\\$&")}"`;
}

function lines(each: readonly string[]): string {
  return each.map((line) => `${line}\n`).join("");
}
