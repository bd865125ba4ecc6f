// A view on a canvas. Knows no event.

import type { PageState } from "../page-data.ts";
import type { Camera } from "./camera.ts";
import type { Layout } from "./layout.ts";
import { box } from "./metrics.ts";
import { routeOf } from "./routes.ts";
import type { View } from "./view.ts";
import { cutStart, stateWords } from "./words.ts";

/** Colours by name, as the style sheet has them. */
export type Theme = Readonly<Record<string, string>>;

/** All that there is to be painted. */
export interface Picture {
  readonly view: View;
  readonly layout: Layout;
  readonly states: readonly PageState[];
  readonly selected: number | undefined;
  /** What a search found; absent: nothing is searched. */
  readonly found: ReadonlySet<number> | undefined;
  readonly theme: Theme;
}

/** Draws `picture` on `context`, of which one pixel is `ratio` of the screen's. */
export function paint(
  context: CanvasRenderingContext2D,
  picture: Picture,
  { camera, ratio }: { readonly camera: Camera; readonly ratio: number },
): void {
  const { width, height } = context.canvas;
  const { x, y, scale } = camera;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * x, ratio * y);
  const near: Area = {
    left: -x / scale - box.width,
    top: -y / scale - box.height,
    right: (width / ratio - x) / scale,
    bottom: (height / ratio - y) / scale,
  };
  paintEdges(context, picture, scale);
  const isFar = scale < farScale;
  for (const node of picture.view.nodes.keys()) {
    if (!isIn(near, picture.layout, node)) continue;
    if (isFar) paintFar(context, picture, node);
    else paintNear(context, picture, node);
  }
  paintSelection(context, picture, scale);
}

/** Below it nobody can read. */
const farScale = 0.45;

interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function isIn({ left, top, right, bottom }: Area, { xs, ys }: Layout, node: number): boolean {
  const [x, y] = [xs[node]!, ys[node]!];
  return x >= left && x <= right && y >= top && y <= bottom;
}

/** Made once for each layout: building it takes longer than painting it. */
const paths = new WeakMap<Layout, Path2D>();

function paintEdges(context: CanvasRenderingContext2D, picture: Picture, scale: number): void {
  const { view, layout, selected, theme } = picture;
  let path = paths.get(layout);
  if (path === undefined) {
    path = new Path2D();
    const isMany = view.edges.length > manyEnds;
    for (let at = 0; at < view.edges.length; at += 2) addEdge(path, picture, at, isMany);
    paths.set(layout, path);
  }
  context.lineWidth = 1 / scale;
  const density = Math.min(1, Math.sqrt(clearEnds / (view.edges.length + 1)));
  context.globalAlpha = (selected === undefined ? 0.8 : 0.3) * density;
  context.strokeStyle = theme["edge"]!;
  context.stroke(path);
  context.globalAlpha = 1;
  if (selected === undefined) return;
  const [needs, users] = [new Path2D(), new Path2D()];
  for (let at = 0; at < view.edges.length; at += 2) {
    if (view.edges[at] === selected) addEdge(needs, picture, at, false);
    if (view.edges[at + 1] === selected) addEdge(users, picture, at, false);
  }
  context.lineWidth = 1.8 / scale;
  context.strokeStyle = theme["needs"]!;
  context.stroke(needs);
  context.strokeStyle = theme["users"]!;
  context.stroke(users);
}

/** With more, edges would be all that one sees. */
const clearEnds = 300;

/** Round corners of more than that take longer than a frame. */
const manyEnds = 6000;

function addEdge(path: Path2D, { view, layout }: Picture, at: number, isSharp: boolean): void {
  const { kind, points } = routeOf(view.edges[at]!, view.edges[at + 1]!, layout);
  const [x, y] = [points[0]!, points[1]!];
  path.moveTo(x, y);
  if (kind === "curve") {
    const [endX, endY] = [points[2]!, points[3]!];
    if (isSharp) path.lineTo(endX, endY);
    else path.bezierCurveTo((x + endX) / 2, y, (x + endX) / 2, endY, endX, endY);
    return;
  }
  const last = points.length - 2;
  for (let to = 2; to < last; to += 2) {
    const [cornerX, cornerY] = [points[to]!, points[to + 1]!];
    if (isSharp) path.lineTo(cornerX, cornerY);
    else path.arcTo(cornerX, cornerY, points[to + 2]!, points[to + 3]!, roundness);
  }
  path.lineTo(points[last]!, points[last + 1]!);
}

/** No more than half of what is between two rows, or a corner would be cut twice. */
const roundness = 5;

function isDim({ found }: Picture, node: number): boolean {
  return found !== undefined && !found.has(node);
}

function paintFar(context: CanvasRenderingContext2D, picture: Picture, node: number): void {
  const { layout, states, theme } = picture;
  context.globalAlpha = isDim(picture, node) ? 0.2 : 1;
  const state = states[node]!;
  context.fillStyle = state === "idle" ? theme["far"]! : theme[state]!;
  context.fillRect(layout.xs[node]!, layout.ys[node]!, box.width, box.height);
  context.globalAlpha = 1;
}

function paintNear(context: CanvasRenderingContext2D, picture: Picture, node: number): void {
  const { layout, states, theme, view } = picture;
  const { badge, text, node: shown } = view.nodes[node]!;
  const [x, y] = [layout.xs[node]!, layout.ys[node]!];
  const state = states[node]!;
  const isTarget = shown?.group !== "action" && shown?.group !== "file";
  context.globalAlpha = isDim(picture, node) ? 0.25 : 1;
  context.beginPath();
  context.roundRect(x, y, box.width, box.height, isTarget ? 13 : 4);
  context.fillStyle = state === "failed" ? theme["failedSoft"]! : theme["node"]!;
  context.fill();
  context.lineWidth = state === "running" || state === "failed" ? 2 : 1;
  context.strokeStyle = state === "idle" ? theme["line"]! : theme[state]!;
  context.stroke();
  const middle = y + box.height / 2 + 0.5;
  context.textBaseline = "middle";
  context.font = `600 12px ${theme["mono"]}`;
  context.fillStyle = state === "idle" ? theme["muted"]! : theme[state]!;
  context.textAlign = "center";
  context.fillText(stateWords[state][0], x + 14, middle);
  context.textAlign = "left";
  context.font = `11px ${theme["mono"]}`;
  context.fillStyle = theme["muted"]!;
  const shortBadge = badge.length > 12 ? `${badge.slice(0, 11)}…` : badge;
  context.fillText(shortBadge, x + 26, middle);
  const textX = 26 + (shortBadge.length + 1) * letterWidth;
  context.font = `${isTarget ? "600 " : ""}11px ${theme["mono"]}`;
  context.fillStyle = theme["text"]!;
  const letters = Math.floor((box.width - textX - 8) / letterWidth);
  context.fillText(cutStart(text, letters), x + textX, middle);
  context.globalAlpha = 1;
}

/** Of the font on boxes, in which all letters are as wide. */
const letterWidth = 6.65;

function paintSelection(context: CanvasRenderingContext2D, picture: Picture, scale: number): void {
  const { selected, layout, theme } = picture;
  if (selected === undefined) return;
  const edge = Math.max(2, 2 / scale);
  context.lineWidth = edge;
  context.strokeStyle = theme["accent"]!;
  context.beginPath();
  const [x, y] = [layout.xs[selected]!, layout.ys[selected]!];
  context.roundRect(x - edge, y - edge, box.width + 2 * edge, box.height + 2 * edge, 8);
  context.stroke();
}
