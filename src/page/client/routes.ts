// Edges → lines that go around boxes. Draws nothing.

import type { Layout } from "./layout.ts";
import { box, gap, pitch } from "./metrics.ts";

/** How an edge goes from a box to one that it depends on, in pixels before zooming. */
export type Route =
  /** Nothing is between: a curve from the one to the other. */
  | { readonly kind: "curve"; readonly points: readonly number[] }
  /** Along what is free between columns, rows and bands, with corners; `x` and `y` in turn. */
  | { readonly kind: "corners"; readonly points: readonly number[] };

/** The way from the left of `from` to the right of `to`. */
export function routeOf(from: number, to: number, layout: Layout): Route {
  const { xs, ys, bands, leftGaps, rightGaps } = layout;
  const [startX, startY] = [xs[from]!, ys[from]! + box.height / 2];
  const [endX, endY] = [xs[to]! + box.width, ys[to]! + box.height / 2];
  const isSameBand = bands[from] === bands[to];
  const between = startX - endX;
  if (isSameBand && between > 0 && between <= gap.layer) {
    return { kind: "curve", points: [startX, startY, endX, endY] };
  }
  // Edges to the same box run together, and beside those to others.
  const share = 0.3 + 0.4 * ((to * 7) % 11) * 0.1;
  const turnX = startX - leftGaps[from]! * share;
  const lastX = endX + rightGaps[to]! * share;
  const aside = (((to * 3) % 5) - 2) * (gap.row / 7);
  if (isSameBand) {
    // Up or down where there is more room for it.
    const isEarly = leftGaps[from]! >= rightGaps[to]!;
    const [near, far] = isEarly ? [endY, startY] : [startY, endY];
    const laneY = near + (far < near ? -pitch / 2 : pitch / 2) + aside;
    const lane = [turnX, startY, turnX, laneY, lastX, laneY, lastX, endY];
    return { kind: "corners", points: [startX, startY, ...lane, endX, endY] };
  }
  const above = layout.bandTops[bands[from]!]! + 2 * aside;
  const wayUp = wayToBand(bands[from]!, bands[to]!, { layout, above, aside });
  const lane = [turnX, startY, turnX, above, ...wayUp.points];
  const corners = [...lane, lastX, wayUp.y, lastX, endY];
  return { kind: "corners", points: [startX, startY, ...corners, endX, endY] };
}

/** From what is free above band `from` to what is free below band `to`, around all between. */
function wayToBand(
  from: number,
  to: number,
  { layout, above, aside }: { layout: Layout; above: number; aside: number },
): { readonly points: readonly number[]; readonly y: number } {
  if (to === from - 1) return { points: [], y: above };
  const y = (layout.bandTops[to + 1] ?? layout.height + gap.band / 2) + 2 * aside;
  const outsideX = gap.layer / 4 + 2 * aside;
  return { points: [outsideX, above, outsideX, y], y };
}
