// Ways of looking at a picture.

import type { Layout } from "./layout.ts";
import { box } from "./metrics.ts";

/** Where a picture is seen from: pixels of the canvas = `scale` × place + `x` or `y`. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** In pixels of the page. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** All of `layout`, in the middle of `size`, never larger than life. */
export function fitted(layout: Layout, size: Size): Camera {
  const margin = Math.min(32, size.width / 16);
  const scale = Math.min(
    1,
    (size.width - 2 * margin) / Math.max(1, layout.width),
    (size.height - 2 * margin) / Math.max(1, layout.height),
  );
  const bounded = Math.max(minScale, scale);
  return {
    scale: bounded,
    x: (size.width - layout.width * bounded) / 2,
    y: (size.height - layout.height * bounded) / 2,
  };
}

/** `camera`, nearer by `factor` to what is seen at `x` and `y`. */
export function zoomed(camera: Camera, factor: number, at: { x: number; y: number }): Camera {
  const scale = Math.min(maxScale, Math.max(minScale, camera.scale * factor));
  const change = scale / camera.scale;
  return { scale, x: at.x - (at.x - camera.x) * change, y: at.y - (at.y - camera.y) * change };
}

const minScale = 0.02;
const maxScale = 3;

/** `camera`, moved no more than it takes to see the box at `node`, and near enough to read it. */
export function showing(camera: Camera, node: number, layout: Layout, size: Size): Camera {
  const [left, top] = [layout.xs[node]!, layout.ys[node]!];
  const scale = Math.max(camera.scale, readableScale);
  if (scale !== camera.scale) {
    const x = size.width / 2 - (left + box.width / 2) * scale;
    return { scale, x, y: size.height / 2 - (top + box.height / 2) * scale };
  }
  return {
    scale,
    x: nudged(camera.x, left * scale, box.width * scale, size.width),
    y: nudged(camera.y, top * scale, box.height * scale, size.height),
  };
}

const readableScale = 0.75;

function nudged(offset: number, at: number, length: number, size: number): number {
  const margin = Math.min(40, size / 10);
  if (at + offset < margin) return margin - at;
  if (at + length + offset > size - margin) return size - margin - length - at;
  return offset;
}

/** The box at a place of the page; undefined where there is none. */
export function boxAt(
  { xs, ys }: Layout,
  { x, y, scale }: Camera,
  at: { readonly x: number; readonly y: number },
): number | undefined {
  const [left, top] = [(at.x - x) / scale, (at.y - y) / scale];
  for (let node = 0; node < xs.length; node++) {
    const [dx, dy] = [left - xs[node]!, top - ys[node]!];
    if (dx >= 0 && dx <= box.width && dy >= 0 && dy <= box.height) return node;
  }
  return undefined;
}
