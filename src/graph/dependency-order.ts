/** An order in which everything comes after what it depends on, as far as there is one. */
export interface DependencyOrder<T> {
  readonly order: readonly T[];
  /**
   * Enough cycles that the graph would have none without their edges, each once and as a path
   * that starts at its least node; that node is not repeated at the end.
   */
  readonly cycles: readonly (readonly [T, ...T[]])[];
}

/** The dependency order of `nodes`. Not recursive, so that no depth of the graph is too deep. */
export function dependencyOrder<T extends string>(
  nodes: Iterable<T>,
  dependenciesOf: (node: T) => readonly T[],
): DependencyOrder<T> {
  const order: T[] = [];
  const cycles = new Map<string, readonly [T, ...T[]]>();
  const states = new Map<T, "open" | "done">();
  /** The path that the walk is on: each node with how many of its dependencies are visited. */
  const path: { readonly node: T; readonly dependencies: readonly T[]; visited: number }[] = [];
  const enter = (node: T): void => {
    states.set(node, "open");
    path.push({ node, dependencies: dependenciesOf(node), visited: 0 });
  };
  for (const start of nodes) {
    if (!states.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.dependencies[top.visited++];
      if (next === undefined) {
        states.set(top.node, "done");
        order.push(top.node);
        path.pop();
      } else if (!states.has(next)) {
        enter(next);
      } else if (states.get(next) === "open") {
        const from = path.findLastIndex(({ node }) => node === next);
        const cycle = fromLeast(path.slice(from).map(({ node }) => node));
        if (cycle !== undefined) cycles.set(cycle.join("\n"), cycle);
      }
    }
  }
  return { order, cycles: [...cycles.values()] };
}

/** `cycle` turned until its least node is first, so that the same one is found once. */
function fromLeast<T extends string>(cycle: readonly T[]): readonly [T, ...T[]] | undefined {
  let least = 0;
  for (const [index, node] of cycle.entries()) if (node < cycle[least]!) least = index;
  const [first, ...rest] = [...cycle.slice(least), ...cycle.slice(0, least)];
  return first === undefined ? undefined : [first, ...rest];
}
