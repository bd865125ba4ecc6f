/** Of nodes that are numbers: those of `n` end at `ends[starts[n]]` to `ends[starts[n + 1] - 1]`. */
export interface Edges {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** The edges of `count` nodes, in the order in which `addEnds` gives those of each. */
export function edgesOf(
  count: number,
  addEnds: (node: number, add: (end: number) => void) => void,
): Edges {
  const starts = new Uint32Array(count + 1);
  const ends: number[] = [];
  const add = (end: number): void => void ends.push(end);
  for (let node = 0; node < count; node++) {
    addEnds(node, add);
    starts[node + 1] = ends.length;
  }
  return { starts, ends: Uint32Array.from(ends) };
}

/** The nodes at the ends of the edges that leave `node`. */
export function successorsOf({ starts, ends }: Edges, node: number): Uint32Array {
  return ends.subarray(starts[node], starts[node + 1]);
}

/** `edges` turned round, by counting: those of each node are sorted. */
export function reverse({ starts, ends }: Edges): Edges {
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
