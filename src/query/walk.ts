import { type Edges, successorsOf } from "../graph/edges.ts";

/** How far `reach` goes. */
export interface Reach {
  /** At most this many edges from the nearest start; absent: as far as there are edges. */
  readonly depth?: number | undefined;
  /** Only through these nodes, starts included; absent: through all. */
  readonly within?: ReadonlySet<number>;
}

/** `starts` and the nodes behind them, the nearest first. Takes time linear in their edges. */
export function reach(
  edges: Edges,
  starts: Iterable<number>,
  { depth = Infinity, within }: Reach = {},
): Set<number> {
  const { starts: edgeStarts, ends } = edges;
  const count = edgeStarts.length - 1;
  const isReached = new Uint8Array(count);
  const queue = new Uint32Array(count);
  let length = 0;
  const visit = (node: number): void => {
    if (isReached[node] === 1 || within?.has(node) === false) return;
    isReached[node] = 1;
    queue[length++] = node;
  };
  for (const start of starts) visit(start);
  let next = 0;
  for (let distance = 0; distance < depth && next < length; distance++) {
    for (const levelEnd = length; next < levelEnd; next++) {
      const node = queue[next]!;
      const last = edgeStarts[node + 1]!;
      for (let edge = edgeStarts[node]!; edge < last; edge++) visit(ends[edge]!);
    }
  }
  return new Set(queue.subarray(0, length));
}

/** A shortest path from any of `starts` to any of `ends`, both included; empty: there is none. */
export function pathBetween(
  edges: Edges,
  starts: Iterable<number>,
  ends: ReadonlySet<number>,
): number[] {
  /** Each node that was reached, by the one before it; -1 for a start. */
  const previous = new Map<number, number>();
  const queue: number[] = [];
  const visit = (node: number, from: number): void => {
    if (previous.has(node)) return;
    previous.set(node, from);
    queue.push(node);
  };
  for (const start of starts) visit(start, -1);
  // The loop goes on to what is added in it.
  for (const node of queue) {
    if (ends.has(node)) return pathTo(node, previous);
    for (const next of successorsOf(edges, node)) visit(next, node);
  }
  return [];
}

function pathTo(end: number, previous: ReadonlyMap<number, number>): number[] {
  const path: number[] = [];
  for (let node = end; node !== -1; node = previous.get(node) ?? -1) path.push(node);
  return path.reverse();
}
