import type { QueryGraph, QueryNode } from "./query-graph.ts";

/**
 * `nodes`, and the dependencies between them, as Graphviz reads it.
 *
 * Source: what `bazel query --output=graph --nograph:factored` prints.
 */
export function formatDot(nodes: readonly QueryNode[], graph: QueryGraph): string {
  const edgesOf = edgesAmong(nodes, graph);
  const body = nodes.flatMap((node) => {
    const name = quoted(node);
    return [`  ${name}`, ...edgesOf(node).map((end) => `  ${name} -> ${quoted(end)}`)];
  });
  return `${["digraph mygraph {", "  node [shape=box];", ...body, "}"].join("\n")}\n`;
}

/** `nodes`, and the dependencies between them, as Mermaid reads it: for Markdown on GitHub. */
export function formatMermaid(nodes: readonly QueryNode[], graph: QueryGraph): string {
  const edgesOf = edgesAmong(nodes, graph);
  const ids = new Map(nodes.map((node, index) => [node, `n${index}`]));
  const body = nodes.flatMap((node) => {
    const id = ids.get(node);
    return [
      `  ${id}["${escaped(node)}"]`,
      ...edgesOf(node).map((end) => `  ${id} --> ${ids.get(end)}`),
    ];
  });
  return `${["flowchart TD", ...body].join("\n")}\n`;
}

function edgesAmong(
  nodes: readonly QueryNode[],
  graph: QueryGraph,
): (node: QueryNode) => readonly QueryNode[] {
  const shown = new Set(nodes);
  return (node) =>
    graph
      .depsOf(node)
      .filter((end) => shown.has(end))
      .sort();
}

/** A quoted identifier of Graphviz, in which only quotes and backslashes are special. */
function quoted(node: QueryNode): string {
  return `"${node.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Text in quotes of Mermaid, which takes what could end it, or be markup, by its number. */
function escaped(node: QueryNode): string {
  return node.replaceAll(/["#&<>`]/g, (one) => `#${one.charCodeAt(0)};`);
}
