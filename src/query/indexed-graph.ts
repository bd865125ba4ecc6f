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

/** The edges that leave node `n` end at `ends[starts[n]]` to `ends[starts[n + 1] - 1]`. */
export interface Edges {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** `graph` as it is now; nodes that come into it later are not known. */
export function indexGraph(graph: QueryGraph): IndexedGraph {
  const nodes = [...graph.nodes()].sort();
  const indexOf = new Map(nodes.map((node, index) => [node, index]));
  const forward = forwardEdges(graph, nodes, indexOf);
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

/** The nodes at the ends of the edges that leave `node`. */
export function successorsOf({ starts, ends }: Edges, node: number): Uint32Array {
  return ends.subarray(starts[node], starts[node + 1]);
}

function forwardEdges(
  graph: QueryGraph,
  nodes: readonly QueryNode[],
  indexOf: ReadonlyMap<QueryNode, number>,
): Edges {
  const starts = new Uint32Array(nodes.length + 1);
  const ends: number[] = [];
  for (const [index, each] of nodes.entries()) {
    for (const dependency of graph.depsOf(each)) {
      const end = indexOf.get(dependency);
      // One that is missing has been reported when the graph was built.
      if (end !== undefined) ends.push(end);
    }
    starts[index + 1] = ends.length;
  }
  for (let node = 0; node < nodes.length; node++) sortBetween(ends, starts, node);
  return { starts, ends: Uint32Array.from(ends) };
}

/** Sorts the ends of one node's edges, so that no walk depends on the order of attributes. */
function sortBetween(ends: number[], starts: Uint32Array, node: number): void {
  const start = starts[node]!;
  const sorted = ends.slice(start, starts[node + 1]).sort((a, b) => a - b);
  for (const [offset, end] of sorted.entries()) ends[start + offset] = end;
}

/** `edges` turned round, by counting: sorted as they are. */
function reverse({ starts, ends }: Edges): Edges {
  const turned = new Uint32Array(starts.length);
  for (const end of ends) turned[end + 1]!++;
  for (let node = 1; node < turned.length; node++) turned[node]! += turned[node - 1]!;
  const next = turned.slice();
  const sources = new Uint32Array(ends.length);
  for (let node = 0; node + 1 < starts.length; node++) {
    for (let edge = starts[node]!; edge < starts[node + 1]!; edge++) {
      sources[next[ends[edge]!]!++] = node;
    }
  }
  return { starts: turned, ends: sources };
}
