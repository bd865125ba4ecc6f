// Nodes and edges → places in layers. Knows nothing of what is drawn there.

/** Where boxes of one size go; `xs` and `ys` are of their upper left corners. */
export interface Layout {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** In pixels, before zooming. */
export const box = { width: 216, height: 26 } as const;
const gap = { layer: 72, column: 14, row: 8 } as const;

/**
 * What a node depends on is left of it, in layers by the longest way; within a layer nodes are near
 * what they are joined to. Layers that would be too high have several columns. `edges` are pairs,
 * the first of which depends on the second; edges that close a cycle are left out of account.
 */
export function layOut(count: number, edges: readonly number[]): Layout {
  const layers = layersOf(count, edges);
  untangle(layers, neighboursOf(count, edges));
  const rows = rowsFor(layers);
  const [xs, ys] = [new Float64Array(count), new Float64Array(count)];
  let x = 0;
  let height = 0;
  for (const layer of layers) {
    const columns = Math.ceil(layer.length / rows);
    const used = Math.ceil(layer.length / columns);
    const top = -(used * (box.height + gap.row)) / 2;
    for (const [at, node] of layer.entries()) {
      // Row by row, so that neighbours in the order stay neighbours.
      xs[node] = x + (at % columns) * (box.width + gap.column);
      ys[node] = top + Math.floor(at / columns) * (box.height + gap.row);
    }
    x += columns * (box.width + gap.column) - gap.column + gap.layer;
    height = Math.max(height, used * (box.height + gap.row) - gap.row);
  }
  for (let node = 0; node < count; node++) ys[node]! += height / 2;
  return { xs, ys, width: Math.max(0, x - gap.layer), height };
}

/** The smallest number of rows with which the whole is no wider than a screen for its height. */
function rowsFor(layers: readonly (readonly number[])[]): number {
  const most = Math.max(1, ...layers.map(({ length }) => length));
  for (let rows = Math.min(most, 12); rows < most; rows = Math.ceil(rows * 1.15)) {
    let width = 0;
    for (const { length } of layers) {
      width += Math.ceil(length / rows) * (box.width + gap.column) + gap.layer;
    }
    if (width <= 1.8 * rows * (box.height + gap.row)) return rows;
  }
  return most;
}

/** Successors of each node, by where they start and end in one list. */
interface Neighbours {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

function linksOf(count: number, pairs: readonly number[], isBackward: boolean): Neighbours {
  const starts = new Int32Array(count + 1);
  const [near, far] = isBackward ? [1, 0] : [0, 1];
  for (let at = 0; at < pairs.length; at += 2) starts[pairs[at + near]! + 1]!++;
  for (let node = 0; node < count; node++) starts[node + 1]! += starts[node]!;
  const next = starts.slice();
  const ends = new Int32Array(pairs.length / 2);
  for (let at = 0; at < pairs.length; at += 2) ends[next[pairs[at + near]!]!++] = pairs[at + far]!;
  return { starts, ends };
}

function neighboursOf(count: number, edges: readonly number[]) {
  return { needs: linksOf(count, edges, false), users: linksOf(count, edges, true) };
}

/** Nodes by the length of the longest way to what depends on nothing. */
function layersOf(count: number, edges: readonly number[]): number[][] {
  const { starts, ends } = linksOf(count, edges, false);
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
function untangle(
  layers: readonly number[][],
  { needs, users }: ReturnType<typeof neighboursOf>,
): void {
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
      for (const node of layer) wishes[node] = meanOf(node, side, places);
      layer.sort((a, b) => wishes[a]! - wishes[b]! || a - b);
      place(layer);
    }
  }
}

/** More bring nothing that eyes can see. */
const sweeps = 8;

function meanOf(node: number, { starts, ends }: Neighbours, places: Float64Array): number {
  const [start, end] = [starts[node]!, starts[node + 1]!];
  if (start === end) return places[node]!;
  let sum = 0;
  for (let at = start; at < end; at++) sum += places[ends[at]!]!;
  return sum / (end - start);
}
