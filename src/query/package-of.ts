import type { QueryGraph, QueryNode } from "./query-graph.ts";

/** The package of `node` as Bazel prints it: `apps/web`; `@unikraft//` in a component. */
export function packageOf(node: QueryNode, graph: QueryGraph): string {
  const label: string = graph.actionOf?.(node)?.action.owner ?? node;
  const colon = label.indexOf(":");
  const home = colon === -1 ? label : label.slice(0, colon);
  return home.startsWith("//") ? home.slice(2) : home;
}
