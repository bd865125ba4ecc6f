import { type Edges, successorsOf } from "./indexed-graph.ts";

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
  const reached = new Set<number>();
  let level: number[] = [];
  const visit = (node: number): void => {
    if (reached.has(node) || within?.has(node) === false) return;
    reached.add(node);
    level.push(node);
  };
  for (const start of starts) visit(start);
  for (let distance = 0; distance < depth && level.length > 0; distance++) {
    const nodes = level;
    level = [];
    for (const node of nodes) for (const next of successorsOf(edges, node)) visit(next);
  }
  return reached;
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
