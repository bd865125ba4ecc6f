// Mouse, fingers and wheel on the picture → ways of looking at it.

import { type Camera, zoomed } from "./camera.ts";

/** What gestures act on. */
export interface Gestured {
  readonly camera: () => Camera;
  readonly move: (camera: Camera) => void;
  /** A click or a tap at a place of the canvas. */
  readonly pick: (at: Point, isTwice: boolean) => void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Listens on `canvas` until what it gives is called. */
export function listenToGestures(canvas: HTMLCanvasElement, gestured: Gestured): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const pointers = new Map<number, Point>();
  /** How far the pointer went since it was pressed: a hand that trembles clicks, too. */
  let wayLength = 0;
  const placeOf = (event: MouseEvent): Point => ({ x: event.offsetX, y: event.offsetY });

  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.0018 : 0.05));
      gestured.move(zoomed(gestured.camera(), factor, placeOf(event)));
    },
    { signal, passive: false },
  );
  canvas.addEventListener(
    "pointerdown",
    (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, placeOf(event));
      if (pointers.size === 1) wayLength = 0;
    },
    { signal },
  );
  canvas.addEventListener(
    "pointermove",
    (event) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      const now = placeOf(event);
      wayLength += Math.hypot(now.x - before.x, now.y - before.y);
      const [other] = [...pointers].flatMap(([id, at]) => (id === event.pointerId ? [] : [at]));
      pointers.set(event.pointerId, now);
      if (wayLength > tremble || other !== undefined) {
        gestured.move(dragged(gestured.camera(), { before, now, other }));
      }
    },
    { signal },
  );
  const end = (event: PointerEvent): void => {
    const wasDown = pointers.delete(event.pointerId);
    const isClick = wasDown && pointers.size === 0 && wayLength <= tremble;
    if (isClick && event.type === "pointerup") gestured.pick(placeOf(event), false);
  };
  canvas.addEventListener("pointerup", end, { signal });
  canvas.addEventListener("pointercancel", end, { signal });
  canvas.addEventListener("dblclick", (event) => gestured.pick(placeOf(event), true), { signal });
  return () => stop.abort();
}

const tremble = 5;

/** With a second finger at `other`, the distance of both counts as well. */
function dragged(
  camera: Camera,
  { before, now, other }: { before: Point; now: Point; other: Point | undefined },
): Camera {
  if (other === undefined) {
    return { ...camera, x: camera.x + now.x - before.x, y: camera.y + now.y - before.y };
  }
  const distance = (at: Point): number => Math.hypot(at.x - other.x, at.y - other.y);
  return zoomed(camera, distance(now) / Math.max(1, distance(before)), other);
}
