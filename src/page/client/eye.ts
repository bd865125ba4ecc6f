import { useEffect, useRef } from "preact/hooks";

import { type Camera, fitted, showing, type Size, zoomed } from "./camera.ts";
import { paint, type Picture } from "./paint.ts";

/** See {@link useEye}. */
export type Eye = ReturnType<typeof useEye>;

/** Paints `picture` on `canvas` at most once a frame, from where the user looks. */
export function useEye(canvas: { readonly current: HTMLCanvasElement | null }, picture: Picture) {
  const state = useRef({ camera: { x: 0, y: 0, scale: 1 } as Camera, picture, frame: 0 }).current;
  state.picture = picture;
  const sizeOf = (): Size => ({
    width: canvas.current?.clientWidth ?? 1,
    height: canvas.current?.clientHeight ?? 1,
  });
  const draw = (): void => {
    state.frame ||= requestAnimationFrame(() => {
      state.frame = 0;
      if (canvas.current !== null) paintOn(canvas.current, state.picture, state.camera);
    });
  };
  const move = (camera: Camera): void => {
    state.camera = camera;
    draw();
  };
  useEffect(draw);
  useEffect(() => {
    if (canvas.current === null) return;
    let before = sizeOf();
    const observer = new ResizeObserver(() => {
      const now = sizeOf();
      const { camera } = state;
      // What was in the middle stays there.
      const x = camera.x + (now.width - before.width) / 2;
      move({ ...camera, x, y: camera.y + (now.height - before.height) / 2 });
      before = now;
    });
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, []);
  return {
    camera: () => state.camera,
    move,
    fit: () => move(fitted(state.picture.layout, sizeOf())),
    show: (node: number) => move(showing(state.camera, node, state.picture.layout, sizeOf())),
    zoom: (factor: number) => {
      const { width, height } = sizeOf();
      move(zoomed(state.camera, factor, { x: width / 2, y: height / 2 }));
    },
  };
}

function paintOn(canvas: HTMLCanvasElement, picture: Picture, camera: Camera): void {
  const ratio = devicePixelRatio;
  const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio].map(Math.round);
  if (canvas.width !== width || canvas.height !== height) {
    Object.assign(canvas, { width, height });
  }
  const context = canvas.getContext("2d");
  if (context !== null) paint(context, picture, { camera, ratio });
}
