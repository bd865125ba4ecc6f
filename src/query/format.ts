import { assertNever } from "../base/brand.ts";
import { formatBuild } from "./format-build.ts";
import { formatDot, formatMermaid } from "./format-graph.ts";
import { locationsIn } from "./location.ts";
import { packageOf } from "./package-of.ts";
import type { QueryGraph, QueryNode } from "./query-graph.ts";
import { ranksOf } from "./rank.ts";

/** The forms in which results of a query can be printed, as Bazel calls them where it has them. */
export const queryOutputs = [
  "label",
  "label_kind",
  "package",
  "location",
  "build",
  "json",
  "ndjson",
  "graph",
  "mermaid",
  "minrank",
  "maxrank",
] as const;

/** See {@link queryOutputs}. */
export type QueryOutput = (typeof queryOutputs)[number];

/**
 * `nodes` as text of whole lines, none for an empty result where the form allows. `label`,
 * `label_kind`, `location` (`file:line:column: kind label`) and `ndjson` have a line for each;
 * `package` one for each package; `minrank` and `maxrank` one for each, by how many edges it is
 * from what nothing in the result depends on; `build` has the targets as YAML. `graph` is
 * Graphviz's and `mermaid` Mermaid's graph of the result and the dependencies in it; `json` is a
 * list of objects with `label`, `kind` and all `dependencies`.
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
    case "package":
      return lines([...new Set(nodes.map((node) => packageOf(node, graph)))].sort());
    case "location": {
      const locationOf = locationsIn(graph);
      return lines(nodes.map((node) => `${locationOf(node)}: ${graph.kindOf(node)} ${node}`));
    }
    case "build":
      return formatBuild(nodes, graph);
    case "json":
      return jsonOf(objectsOf(nodes, graph));
    case "ndjson":
      return lines(objectsOf(nodes, graph));
    case "graph":
      return formatDot(nodes, graph);
    case "mermaid":
      return formatMermaid(nodes, graph);
    case "minrank":
    case "maxrank":
      return lines(ranksOf(nodes, graph, output).map(({ rank, node }) => `${rank} ${node}`));
    default:
      return assertNever(output);
  }
}

function objectsOf(nodes: readonly QueryNode[], graph: QueryGraph): string[] {
  return nodes.map((label) => {
    const dependencies = graph.depsOf(label).toSorted();
    return JSON.stringify({ label, kind: graph.kindOf(label), dependencies });
  });
}

/** A line for each object: whole as JSON, and readable for line tools as well. */
function jsonOf(objects: readonly string[]): string {
  return objects.length === 0 ? "[]\n" : lines(["[", `  ${objects.join(",\n  ")}`, "]"]);
}

function lines(each: readonly string[]): string {
  return each.length === 0 ? "" : `${each.join("\n")}\n`;
}
