// Nodes and edges → places. Knows nothing of what is drawn there.

import { type Grid, gridFor } from "./grid.ts";
import { box, gap, pitch } from "./metrics.ts";
import { type Links, linksOf, meanOf, orderedLayers } from "./layers.ts";

/**
 * Where boxes of one size go; `xs` and `ys` are of their upper left corners. All of them stand in
 * rows of the same height, so that what is between two rows is free from one end to the other.
 */
export interface Layout {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly width: number;
  readonly height: number;
  /** How wide the free strip left of each box is, and right of it. */
  readonly leftGaps: Float64Array;
  readonly rightGaps: Float64Array;
  /** The band that each box is in: one below the other, as lines of text are. */
  readonly bands: Int32Array;
  /** The middle of what is free above each band. */
  readonly bandTops: readonly number[];
}

/**
 * What a node depends on is left of it, in layers by the longest way; within a layer nodes are near
 * what they are joined to. Layers that would be too high have several columns, and what would be
 * too wide goes on below: so that in a window of `aspect`, its width by its height, boxes are as
 * large as can be. `edges` are pairs, the first of which depends on the second.
 */
export function layOut(count: number, edges: readonly number[], aspect = 1.6): Layout {
  const links = linksOf(count, edges);
  const layers = orderedLayers(count, links);
  const grid = gridFor(
    layers.map(({ length }) => length),
    aspect,
  );
  const layout = emptyLayout(count, grid);
  for (const [band, { from, to, rows, top }] of grid.bands.entries()) {
    let x = grid.margin;
    for (const layer of layers.slice(from, to)) {
      const columns = Math.ceil(layer.length / grid.rows);
      placeLayer(layer, { x, top, rows, columns, links, layout });
      for (const node of layer) layout.bands[node] = band;
      x += columns * (box.width + gap.column) - gap.column + gap.layer;
    }
  }
  return layout;
}

function emptyLayout(count: number, { width, height, bands }: Grid): Layout {
  return {
    xs: new Float64Array(count),
    ys: new Float64Array(count),
    leftGaps: new Float64Array(count),
    rightGaps: new Float64Array(count),
    bands: new Int32Array(count),
    bandTops: bands.map(({ top }) => top - gap.band / 2),
    width,
    height,
  };
}

interface LayerPlace {
  readonly x: number;
  readonly top: number;
  /** Of the band. */
  readonly rows: number;
  readonly columns: number;
  readonly links: Links;
  readonly layout: Layout;
}

function placeLayer(layer: readonly number[], place: LayerPlace): void {
  const { x, top, columns, layout } = place;
  const rows = columns === 1 ? wishedRows(layer, place) : filledRows(layer, place);
  for (const [at, node] of layer.entries()) {
    const column = columns === 1 ? 0 : at % columns;
    layout.xs[node] = x + column * (box.width + gap.column);
    layout.ys[node] = top + rows[at]! * pitch;
    layout.leftGaps[node] = column === 0 ? gap.layer : gap.column;
    layout.rightGaps[node] = column === columns - 1 ? gap.layer : gap.column;
  }
}

/** Row by row, so that neighbours in the order stay neighbours, in the middle of the band. */
function filledRows(layer: readonly number[], { rows, columns }: LayerPlace): number[] {
  const first = Math.floor((rows - Math.ceil(layer.length / columns)) / 2);
  return layer.map((_, at) => first + Math.floor(at / columns));
}

/** Each as near as can be to the mean of what it depends on, in the order of the layer. */
function wishedRows(layer: readonly number[], { rows, top, links, layout }: LayerPlace): number[] {
  const middle = Math.floor((rows - layer.length) / 2);
  const placed = layer.map((node, at) => {
    const mean = isPlacedLeft(node, top, { links, layout })
      ? meanOf(node, links.needs, layout.ys)
      : undefined;
    return mean === undefined ? middle + at : Math.round((mean - top) / pitch);
  });
  for (let at = 0; at < placed.length; at++) {
    placed[at] = Math.max(placed[at]!, at === 0 ? 0 : placed[at - 1]! + 1);
  }
  for (let at = placed.length - 1; at >= 0; at--) {
    placed[at] = Math.min(placed[at]!, at === placed.length - 1 ? rows - 1 : placed[at + 1]! - 1);
  }
  return placed;
}

/** Whether all that `node` depends on is in the same band, and not in one above. */
function isPlacedLeft(
  node: number,
  top: number,
  { links: { needs }, layout }: Pick<LayerPlace, "links" | "layout">,
): boolean {
  for (let at = needs.starts[node]!; at < needs.starts[node + 1]!; at++) {
    if (layout.ys[needs.ends[at]!]! < top) return false;
  }
  return true;
}
