// Nodes and edges → layers in an order that crosses few edges. Knows no pixels.

/** Successors of each node, by where they start and end in one list. */
export interface Neighbours {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Both directions of the edges. */
export interface Links {
  readonly needs: Neighbours;
  readonly users: Neighbours;
}

/** The edges of `count` nodes; `edges` are pairs, the first of which depends on the second. */
export function linksOf(count: number, edges: readonly number[]): Links {
  return { needs: sideOf(count, edges, 0), users: sideOf(count, edges, 1) };
}

function sideOf(count: number, pairs: readonly number[], near: 0 | 1): Neighbours {
  const starts = new Int32Array(count + 1);
  for (let at = 0; at < pairs.length; at += 2) starts[pairs[at + near]! + 1]!++;
  for (let node = 0; node < count; node++) starts[node + 1]! += starts[node]!;
  const next = starts.slice();
  const ends = new Int32Array(pairs.length / 2);
  for (let at = 0; at < pairs.length; at += 2) {
    ends[next[pairs[at + near]!]!++] = pairs[at + 1 - near]!;
  }
  return { starts, ends };
}

/**
 * Nodes by the length of the longest way to what depends on nothing, each layer in the order of
 * what its nodes are joined to. Edges that close a cycle are left out of account.
 */
export function orderedLayers(count: number, links: Links): number[][] {
  const layers = layersOf(count, links.needs);
  untangle(layers, links);
  return layers;
}

function layersOf(count: number, { starts, ends }: Neighbours): number[][] {
  const ranks = new Int32Array(count);
  /** 0: not seen; 1: on the way; 2: done. */
  const seen = new Uint8Array(count);
  const next = starts.slice();
  for (let root = 0; root < count; root++) {
    if (seen[root] !== 0) continue;
    const stack = [root];
    seen[root] = 1;
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      if (next[node]! < starts[node + 1]!) {
        const end = ends[next[node]!++]!;
        if (seen[end] === 0) {
          seen[end] = 1;
          stack.push(end);
        } else if (seen[end] === 2) ranks[node] = Math.max(ranks[node]!, ranks[end]! + 1);
        continue;
      }
      seen[node] = 2;
      stack.pop();
      const above = stack.at(-1);
      if (above !== undefined) ranks[above] = Math.max(ranks[above]!, ranks[node]! + 1);
    }
  }
  const layers: number[][] = [];
  for (let node = 0; node < count; node++) (layers[ranks[node]!] ??= []).push(node);
  return layers;
}

/** Orders each layer by the mean place of its nodes' neighbours, to and fro. */
function untangle(layers: readonly number[][], { needs, users }: Links): void {
  const places = new Float64Array(needs.starts.length);
  const place = (layer: readonly number[]): void => {
    for (const [at, node] of layer.entries()) places[node] = (at + 0.5) / layer.length;
  };
  for (const layer of layers) place(layer);
  const wishes = new Float64Array(places.length);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const isForth = sweep % 2 === 0;
    const side = isForth ? needs : users;
    for (const layer of isForth ? layers : layers.toReversed()) {
      for (const node of layer) wishes[node] = meanOf(node, side, places) ?? places[node]!;
      layer.sort((a, b) => wishes[a]! - wishes[b]! || a - b);
      place(layer);
    }
  }
}

/** More bring nothing that eyes can see. */
const sweeps = 8;

/** The mean of `values` over the neighbours of `node`; undefined when it has none. */
export function meanOf(
  node: number,
  { starts, ends }: Neighbours,
  values: Float64Array,
): number | undefined {
  const [start, end] = [starts[node]!, starts[node + 1]!];
  if (start === end) return undefined;
  let sum = 0;
  for (let at = start; at < end; at++) sum += values[ends[at]!]!;
  return sum / (end - start);
}
