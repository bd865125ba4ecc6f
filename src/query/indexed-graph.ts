import { type Edges, reverse } from "../graph/edges.ts";
import { numberNodes } from "../graph/numbering.ts";
import { packageOf } from "./package-of.ts";
import type { QueryAction, QueryGraph, QueryNode } from "./query-graph.ts";

/** A graph whose nodes are numbers, in the order of their names. */
export interface IndexedGraph {
  readonly nodes: readonly QueryNode[];
  readonly indexOf: ReadonlyMap<QueryNode, number>;
  /** What it was made from. */
  readonly graph: QueryGraph;
  readonly kindOf: (index: number) => string;
  /** As Bazel prints it: `apps/web`, `@unikraft//`; of an action, that of its target. */
  readonly packageOf: (index: number) => string;
  /** Undefined for what is no action. */
  readonly actionOf: (index: number) => QueryAction | undefined;
  /** What each node depends on. */
  readonly forward: Edges;
  /** What depends on each node. Made when it is first asked for. */
  readonly backward: () => Edges;
}

/** `graph` as it is now; nodes that come into it later are not known. */
export function indexGraph(graph: QueryGraph): IndexedGraph {
  const {
    names: nodes,
    numberOf: indexOf,
    dependencies,
  } = graph.numbering?.() ?? numberNodes(graph.nodes(), graph.depsOf);
  // Turned round twice, ends are sorted, so that no walk depends on the order of attributes.
  const forward = reverse(reverse(dependencies));
  let backward: Edges | undefined;
  return {
    nodes,
    indexOf,
    graph,
    packageOf: (index) => packageOf(nodes[index]!, graph),
    kindOf: (index) => graph.kindOf(nodes[index]!),
    actionOf: (index) => graph.actionOf?.(nodes[index]!),
    forward,
    backward: () => (backward ??= reverse(forward)),
  };
}
