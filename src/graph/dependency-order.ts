import type { Edges } from "./edges.ts";

/** An order in which everything comes after what it depends on, as far as there is one. */
export interface DependencyOrder {
  readonly order: readonly number[];
  /**
   * Enough cycles that the graph would have none without their edges, each once and as a path
   * that starts at its least node; that node is not repeated at the end.
   */
  readonly cycles: readonly (readonly [number, ...number[]])[];
}

/** The dependency order of `nodes`. Not recursive, so that no depth of the graph is too deep. */
export function dependencyOrder(nodes: Iterable<number>, { starts, ends }: Edges): DependencyOrder {
  const order: number[] = [];
  const cycles = new Map<string, readonly [number, ...number[]]>();
  const states = new Uint8Array(starts.length);
  /** The edge of each node that the walk takes next. */
  const next = starts.slice();
  /** The path that the walk is on. */
  const path: number[] = [];
  const enter = (node: number): void => {
    states[node] = isOpen;
    path.push(node);
  };
  for (const start of nodes) {
    if (states[start] === isNew) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = next[top]!++;
      if (edge === starts[top + 1]) {
        states[top] = isDone;
        order.push(top);
        path.pop();
        continue;
      }
      const end = ends[edge]!;
      if (states[end] === isNew) {
        enter(end);
      } else if (states[end] === isOpen) {
        const cycle = fromLeast(path.slice(path.lastIndexOf(end)));
        if (cycle !== undefined) cycles.set(cycle.join(), cycle);
      }
    }
  }
  return { order, cycles: [...cycles.values()] };
}

const [isNew, isOpen, isDone] = [0, 1, 2];

/** `cycle` turned until its least node is first, so that the same one is found once. */
function fromLeast(cycle: readonly number[]): readonly [number, ...number[]] | undefined {
  const least = cycle.indexOf(Math.min(...cycle));
  const [first, ...rest] = [...cycle.slice(least), ...cycle.slice(0, least)];
  return first === undefined ? undefined : [first, ...rest];
}
