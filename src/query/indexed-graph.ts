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
  const nodes = inOrderOfNames(graph.nodes());
  const indexOf = new Map<QueryNode, number>();
  for (let index = 0; index < nodes.length; index++) indexOf.set(nodes[index]!, index);
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

/**
 * `nodes` by name. Labels are sorted package by package: of what is before a colon, none is the
 * beginning of another, so that the order is that of whole names, and it takes half the time.
 */
function inOrderOfNames(nodes: Iterable<QueryNode>): QueryNode[] {
  const groups = new Map<string, QueryNode[]>();
  for (const node of nodes) {
    const home = node.slice(0, node.indexOf(":") + 1);
    const group = groups.get(home);
    if (group === undefined) groups.set(home, [node]);
    else group.push(node);
  }
  // What has no colon, such as actions, can stand between any two labels.
  const others = groups.get("") ?? [];
  groups.delete("");
  const labels = [...groups.keys()].sort().flatMap((home) => groups.get(home)?.sort() ?? []);
  return others.length === 0 ? labels : [...others, ...labels].sort();
}

function forwardEdges(
  graph: QueryGraph,
  nodes: readonly QueryNode[],
  indexOf: ReadonlyMap<QueryNode, number>,
): Edges {
  const starts = new Uint32Array(nodes.length + 1);
  const ends: number[] = [];
  for (let index = 0; index < nodes.length; index++) {
    for (const dependency of graph.depsOf(nodes[index]!)) {
      const end = indexOf.get(dependency);
      // One that is missing has been reported when the graph was built.
      if (end !== undefined) ends.push(end);
    }
    starts[index + 1] = ends.length;
  }
  // Turned round twice, ends are sorted, so that no walk depends on the order of attributes.
  return reverse(reverse({ starts, ends: Uint32Array.from(ends) }));
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
