import { type Edges, successorsOf } from "../graph/edges.ts";
import { indexGraph } from "./indexed-graph.ts";
import type { QueryGraph, QueryNode } from "./query-graph.ts";

/** A node with how far it is from what nothing else in the result depends on. */
export interface Ranked {
  readonly node: QueryNode;
  readonly rank: number;
}

/**
 * `nodes` by rank, then name: by the fewest edges, or by the most, that lead to each of them from
 * one that no other depends on, through `nodes` alone.
 *
 * Source: the Bazel query reference, "minrank" and "maxrank".
 */
export function ranksOf(
  nodes: readonly QueryNode[],
  graph: QueryGraph,
  which: "minrank" | "maxrank",
): readonly Ranked[] {
  const indexed = indexGraph({ ...graph, numbering: () => undefined, nodes: () => nodes });
  const ranks = ranksIn(indexed.forward, which);
  return indexed.nodes
    .map((node, index) => ({ node, rank: ranks[index]! }))
    .sort((a, b) => a.rank - b.rank); // Stable: names stay in order within a rank.
}

/** Each node is settled when all that depend on it are, so every edge is followed once. */
function ranksIn({ starts, ends }: Edges, which: "minrank" | "maxrank"): Float64Array {
  const count = starts.length - 1;
  const unmet = new Uint32Array(count);
  for (const end of ends) unmet[end]!++;
  const isMin = which === "minrank";
  const ranks = new Float64Array(count).fill(isMin ? Infinity : 0);
  const queue: number[] = [];
  for (let node = 0; node < count; node++) {
    if (unmet[node] !== 0) continue;
    ranks[node] = 0;
    queue.push(node);
  }
  // The loop goes on to what is added in it. There is no cycle: it would have been reported.
  for (const node of queue) {
    const next = ranks[node]! + 1;
    for (const end of successorsOf({ starts, ends }, node)) {
      ranks[end] = isMin ? Math.min(ranks[end]!, next) : Math.max(ranks[end]!, next);
      if (--unmet[end]! === 0) queue.push(end);
    }
  }
  return ranks;
}
