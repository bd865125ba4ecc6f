// Edges of a picture → lines on a canvas. Knows no box but for those that edges join.

import type { Camera } from "./camera.ts";
import type { Layout } from "./layout.ts";
import { type Route, routeOf } from "./routes.ts";

/** A part of the picture, in pixels before zooming. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What edges look like. */
export interface EdgeLook {
  readonly color: string;
  readonly alpha: number;
  /** Pixels of the canvas for one of the page. */
  readonly ratio: number;
}

/** Every edge of a layout: found once, as that takes longer than painting what is seen of them. */
interface Shapes {
  readonly routes: readonly Route[];
  /** Left, top, right and bottom of each. */
  readonly bounds: Float32Array;
}

const shapes = new WeakMap<Layout, Shapes>();

function shapesOf(layout: Layout, edges: readonly number[]): Shapes {
  const known = shapes.get(layout);
  if (known !== undefined) return known;
  const routes: Route[] = [];
  const bounds = new Float32Array(edges.length * 2);
  for (let at = 0; at < edges.length; at += 2) {
    const route = routeOf(edges[at]!, edges[at + 1]!, layout);
    const xs = route.points.filter((_, i) => i % 2 === 0);
    const ys = route.points.filter((_, i) => i % 2 === 1);
    bounds.set([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], at * 2);
    routes.push(route);
  }
  const made = { routes, bounds };
  shapes.set(layout, made);
  return made;
}

/** Paints the edges that go through `area`; the context's places are those of the layout. */
export function paintNearEdges(
  context: CanvasRenderingContext2D,
  { layout, edges }: { readonly layout: Layout; readonly edges: readonly number[] },
  area: Area,
): void {
  const { routes, bounds } = shapesOf(layout, edges);
  const path = new Path2D();
  for (const [at, route] of routes.entries()) {
    const isSeen =
      bounds[4 * at]! <= area.right &&
      bounds[4 * at + 1]! <= area.bottom &&
      bounds[4 * at + 2]! >= area.left &&
      bounds[4 * at + 3]! >= area.top;
    if (isSeen) addRoute(path, route, "round");
  }
  context.stroke(path);
}

/** A picture of all edges, to be moved as a whole while nothing else changes. */
interface Sheet {
  readonly layout: Layout;
  readonly scale: number;
  readonly look: string;
  readonly canvas: OffscreenCanvas;
}

let sheet: Sheet | undefined;

/**
 * Paints all edges from far away, where there are thousands in sight: once for each zoom, as a
 * sheet that is then only moved. False when the sheet would be too large.
 */
export function paintFarEdges(
  context: CanvasRenderingContext2D,
  { layout, edges }: { readonly layout: Layout; readonly edges: readonly number[] },
  { camera, look }: { readonly camera: Camera; readonly look: EdgeLook },
): boolean {
  const zoom = camera.scale * look.ratio;
  const [width, height] = [layout.width * zoom, layout.height * zoom].map(Math.ceil) as [
    number,
    number,
  ];
  if (width * height > maxSheetPixels) return false;
  const key = JSON.stringify(look);
  if (sheet?.layout !== layout || sheet.scale !== camera.scale || sheet.look !== key) {
    const canvas = new OffscreenCanvas(Math.max(1, width), Math.max(1, height));
    drawSheet(canvas, shapesOf(layout, edges), { zoom, look });
    sheet = { layout, scale: camera.scale, look: key, canvas };
  }
  context.save();
  context.setTransform(1, 0, 0, 1, camera.x * look.ratio, camera.y * look.ratio);
  context.drawImage(sheet.canvas, 0, 0);
  context.restore();
  return true;
}

/** As many as four large screens have; each takes 4 bytes. */
const maxSheetPixels = 12_000_000;

function drawSheet(
  canvas: OffscreenCanvas,
  { routes }: Shapes,
  { zoom, look }: { readonly zoom: number; readonly look: EdgeLook },
): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.setTransform(zoom, 0, 0, zoom, 0, 0);
  context.lineWidth = look.ratio / zoom;
  context.strokeStyle = look.color;
  context.globalAlpha = look.alpha;
  const path = new Path2D();
  // Corners of a few pixels cannot be told from round ones.
  for (const route of routes) addRoute(path, route, "sharp");
  context.stroke(path);
}

/** Adds the way of one edge to `path`. */
export function addRoute(path: Path2D, { kind, points }: Route, corners: "round" | "sharp"): void {
  const [x, y] = [points[0]!, points[1]!];
  path.moveTo(x, y);
  const last = points.length - 2;
  const [endX, endY] = [points[last]!, points[last + 1]!];
  if (kind === "curve" && corners === "round") {
    path.bezierCurveTo((x + endX) / 2, y, (x + endX) / 2, endY, endX, endY);
    return;
  }
  for (let to = 2; to < last; to += 2) {
    const [cornerX, cornerY] = [points[to]!, points[to + 1]!];
    if (corners === "sharp") path.lineTo(cornerX, cornerY);
    else path.arcTo(cornerX, cornerY, points[to + 2]!, points[to + 3]!, roundness);
  }
  path.lineTo(endX, endY);
}

/** No more than half of what is between two rows, or a corner would be cut twice. */
const roundness = 5;
