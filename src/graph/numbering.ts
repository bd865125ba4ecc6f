// Nodes as numbers: what follows many edges looks each name up once, and not at every edge.

import { type Edges, edgesOf } from "./edges.ts";

/** The nodes of a graph, each by its place in the order of their names. */
export interface Numbering<T extends string> {
  readonly names: readonly T[];
  readonly numberOf: ReadonlyMap<T, number>;
  /** What each depends on, in the order in which it says so. */
  readonly dependencies: Edges;
}

/** Numbers for `nodes`; a dependency that is none of them is left out. */
export function numberNodes<T extends string>(
  nodes: Iterable<T>,
  dependenciesOf: (node: T) => readonly T[],
): Numbering<T> {
  const names = inOrderOfNames(nodes);
  const numberOf = new Map<T, number>();
  for (let number = 0; number < names.length; number++) numberOf.set(names[number]!, number);
  const dependencies = edgesOf(names.length, (number, add) => {
    for (const dependency of dependenciesOf(names[number]!)) {
      const end = numberOf.get(dependency);
      if (end !== undefined) add(end);
    }
  });
  return { names, numberOf, dependencies };
}

/**
 * `nodes` by name. Labels are sorted package by package: of what is before a colon, none is the
 * beginning of another, so that the order is that of whole names, and it takes half the time.
 */
function inOrderOfNames<T extends string>(nodes: Iterable<T>): T[] {
  const groups = new Map<string, T[]>();
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
