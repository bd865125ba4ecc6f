import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { boxAt } from "./camera.ts";
import { type Eye, useEye } from "./eye.ts";
import { listenToGestures } from "./gestures.ts";
import { layOut } from "./layout.ts";
import { type Direction, neighbourOf } from "./neighbours.ts";
import type { Picture } from "./paint.ts";
import { useTheme } from "./theme.ts";
import type { View } from "./view.ts";
import { countOf } from "./words.ts";

/** What the graph shows, and what it leads to. */
export interface GraphCanvasProps extends Pick<Picture, "states" | "found"> {
  readonly view: View;
  readonly selected: string | undefined;
  readonly select: (id: string | undefined) => void;
  /** Shows the cone of a node alone. */
  readonly focus: (id: string) => void;
  readonly leave: () => void;
}

/** The picture of a graph, to be moved, zoomed and walked through by keys. */
export function GraphCanvas(props: GraphCanvasProps) {
  const { view, states, found, selected, select, focus, leave } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const layout = useMemo(() => layOut(view.nodes.length, view.edges, windowAspect()), [view]);
  const place = selected === undefined ? undefined : view.placeOf.get(selected);
  const eye = useEye(canvas, { view, layout, states, found, theme, selected: place });

  useLayoutEffect(() => eye.fit(), [layout]);
  useEffect(() => {
    if (place !== undefined) eye.show(place);
  }, [place, layout]);
  useEffect(() => {
    if (canvas.current === null) return;
    return listenToGestures(canvas.current, {
      camera: eye.camera,
      move: eye.move,
      pick: (at, isTwice) => {
        const hit = boxAt(layout, eye.camera(), at);
        const id = hit === undefined ? undefined : view.nodes[hit]!.id;
        if (isTwice && id !== undefined) focus(id);
        else select(id);
      },
    });
  }, [layout, select, focus]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = directions[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (direction !== undefined) {
      const next =
        place === undefined ? firstOf(view) : neighbourOf(place, direction, { view, layout });
      if (next !== undefined) select(view.nodes[next]!.id);
    } else if (event.key === "Enter" && selected !== undefined) focus(selected);
    else if (event.key === "Escape") leave();
    else if (event.key === "+" || event.key === "=") eye.zoom(1.3);
    else if (event.key === "-") eye.zoom(1 / 1.3);
    else if (event.key === "0") eye.fit();
    else return;
    event.preventDefault();
  };
  const label = `Graph of ${countOf(view.nodes.length, "node")}. Left goes to what a node needs, right to what needs it, Enter shows its cone, Escape leaves it.`;
  return (
    <div class="graph">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label={label}
        onKeyDown={onKeyDown}
      />
      <ZoomButtons eye={eye} />
    </div>
  );
}

function ZoomButtons({ eye }: { readonly eye: Eye }) {
  return (
    <div class="zoom" role="group" aria-label="Zoom">
      <button type="button" aria-label="Zoom in" onClick={() => eye.zoom(1.3)}>
        +
      </button>
      <button type="button" aria-label="Zoom out" onClick={() => eye.zoom(1 / 1.3)}>
        −
      </button>
      <button type="button" onClick={() => eye.fit()}>
        Fit
      </button>
    </div>
  );
}

/** Of the window as it is now: what is laid out stays, however it is turned. */
function windowAspect(): number {
  return Math.min(2, Math.max(0.55, innerWidth / Math.max(1, innerHeight)));
}

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** The first target that nothing needs, else whatever there is. */
function firstOf({ nodes, edges }: View): number | undefined {
  const needed = new Set(edges.filter((_, at) => at % 2 === 1));
  const top = nodes.findIndex((_, place) => !needed.has(place));
  return nodes.length === 0 ? undefined : Math.max(0, top);
}
