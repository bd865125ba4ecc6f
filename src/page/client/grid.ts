// How many boxes go into each layer → how many rows and bands the picture has. Pure.

import { box, gap, pitch } from "./metrics.ts";

/** How layers are laid into a window. */
export interface Grid {
  /** The most boxes that a layer has in a column. */
  readonly rows: number;
  readonly bands: readonly Band[];
  /** What is free left and right of all. */
  readonly margin: number;
  readonly width: number;
  readonly height: number;
}

/** Layers that stand side by side. */
export interface Band {
  /** The first of its layers, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** As many as its highest layer has. */
  readonly rows: number;
  /** Where the first row begins. */
  readonly top: number;
}

/**
 * The grid in which boxes are largest when all of it is seen. Bands have their price: an edge from
 * one to the next is longer than eyes like to follow.
 */
export function gridFor(sizes: readonly number[], aspect: number): Grid {
  const most = Math.max(1, ...sizes);
  let best = gridOf(sizes, most, Infinity);
  let bestScale = scaleOf(best, aspect);
  for (let rows = Math.min(most, 6); rows <= most; rows = Math.ceil(rows * 1.2)) {
    const whole = gridOf(sizes, rows, Infinity);
    for (const parts of bandCounts) {
      if (parts > 1 && parts > sizes.length) break;
      const grid = parts === 1 ? whole : gridOf(sizes, rows, whole.width / parts);
      const scale = scaleOf(grid, aspect) * (grid.bands.length > 1 ? bandPrice : 1);
      if (scale <= bestScale) continue;
      best = grid;
      bestScale = scale;
    }
  }
  return best;
}

const bandCounts = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40, 60, 90];

const bandPrice = 0.7;

/** How large a box is in a window of the height of some screens; larger than life is not better. */
function scaleOf({ width, height }: Grid, aspect: number): number {
  return Math.min(1, (windowHeight * aspect) / width, windowHeight / height);
}

const windowHeight = 640;

function gridOf(sizes: readonly number[], rows: number, maxWidth: number): Grid {
  const bands: Band[] = [];
  let [from, x, used, width, top] = [0, 0, 0, 0, 0];
  const end = (to: number): void => {
    bands.push({ from, to, rows: used, top });
    width = Math.max(width, x - gap.layer);
    top += used * pitch - gap.row + gap.band;
    [from, x, used] = [to, 0, 0];
  };
  for (const [at, size] of sizes.entries()) {
    const columns = Math.ceil(size / rows);
    const layerWidth = columns * (box.width + gap.column) - gap.column;
    if (x > 0 && x + layerWidth > maxWidth) end(at);
    used = Math.max(used, Math.ceil(size / columns));
    x += layerWidth + gap.layer;
  }
  if (sizes.length > 0) end(sizes.length);
  // What goes from band to band does so beside them.
  const margin = bands.length > 1 ? gap.layer : 0;
  const height = Math.max(0, top - gap.band);
  return { rows, bands, margin, width: Math.max(0, width) + 2 * margin, height };
}
