// Where arrow keys lead.

import type { Layout } from "./layout.ts";
import type { View } from "./view.ts";

/** Left is what a node needs, right what needs it; up and down stay in its layer. */
export type Direction = "left" | "right" | "up" | "down";

/** From the box at `from`; undefined where there is none in that direction. */
export function neighbourOf(
  from: number,
  direction: Direction,
  { view, layout }: { readonly view: View; readonly layout: Layout },
): number | undefined {
  const { xs, ys } = layout;
  const distance = (node: number): number => Math.abs(ys[node]! - ys[from]!);
  if (direction === "left" || direction === "right") {
    const [near, far] = direction === "left" ? [0, 1] : [1, 0];
    return nearest(endsOf(view, from, near, far), distance);
  }
  const sign = direction === "up" ? -1 : 1;
  const column = [...xs.keys()].filter(
    (node) => xs[node] === xs[from] && (ys[node]! - ys[from]!) * sign > 0,
  );
  return nearest(column, distance);
}

function endsOf({ edges }: View, from: number, near: number, far: number): number[] {
  const ends: number[] = [];
  for (let at = 0; at < edges.length; at += 2) {
    if (edges[at + near] === from) ends.push(edges[at + far]!);
  }
  return ends;
}

function nearest(nodes: readonly number[], distance: (node: number) => number) {
  let best: number | undefined;
  for (const node of nodes) if (best === undefined || distance(node) < distance(best)) best = node;
  return best;
}
