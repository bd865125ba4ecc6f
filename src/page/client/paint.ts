// A view on a canvas. Knows no event.

import type { PageState } from "../page-data.ts";
import type { Camera } from "./camera.ts";
import { addRoute, type Area, paintFarEdges, paintNearEdges } from "./edges.ts";
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
    left: -x / scale,
    top: -y / scale,
    right: (width / ratio - x) / scale,
    bottom: (height / ratio - y) / scale,
  };
  paintEdges(context, picture, { camera, ratio, near });
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

function isIn({ left, top, right, bottom }: Area, { xs, ys }: Layout, node: number): boolean {
  const [x, y] = [xs[node]!, ys[node]!];
  return x + box.width >= left && x <= right && y + box.height >= top && y <= bottom;
}

interface EdgePlace {
  readonly camera: Camera;
  readonly ratio: number;
  /** What is seen. */
  readonly near: Area;
}

function paintEdges(
  context: CanvasRenderingContext2D,
  picture: Picture,
  { camera, ratio, near }: EdgePlace,
): void {
  const { view, layout, selected, theme } = picture;
  const shown = { layout, edges: view.edges };
  const density = Math.min(1, Math.sqrt(clearEnds / (view.edges.length + 1)));
  const alpha = (selected === undefined ? 0.8 : 0.3) * Math.max(density, faintest);
  const color = theme["edge"]!;
  const look = { color, alpha, ratio };
  const isFar = view.edges.length > manyEnds && camera.scale < farScale;
  if (!isFar || !paintFarEdges(context, shown, { camera, look })) {
    context.lineWidth = 1 / camera.scale;
    context.globalAlpha = isFar ? alpha : Math.max(alpha, 0.3);
    context.strokeStyle = color;
    paintNearEdges(context, shown, near);
    context.globalAlpha = 1;
  }
  if (selected !== undefined) paintOwnEdges(context, picture, { selected, scale: camera.scale });
}

/** With more, edges would be all that one sees. */
const clearEnds = 300;

/** Less could not be seen at all. */
const faintest = 0.12;

/** More take longer than a frame to paint. */
const manyEnds = 4000;

function paintOwnEdges(
  context: CanvasRenderingContext2D,
  { view, layout, theme }: Picture,
  { selected, scale }: { readonly selected: number; readonly scale: number },
): void {
  const [needs, users] = [new Path2D(), new Path2D()];
  for (let at = 0; at < view.edges.length; at += 2) {
    const [from, to] = [view.edges[at]!, view.edges[at + 1]!];
    if (from === selected) addRoute(needs, routeOf(from, to, layout), "round");
    if (to === selected) addRoute(users, routeOf(from, to, layout), "round");
  }
  context.lineWidth = 1.8 / scale;
  context.strokeStyle = theme["needs"]!;
  context.stroke(needs);
  context.strokeStyle = theme["users"]!;
  context.stroke(users);
}

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
