import fc from "fast-check";
import { expect, test } from "vitest";

import { fitted } from "../../src/page/client/camera.ts";
import { type Layout, layOut } from "../../src/page/client/layout.ts";
import { box } from "../../src/page/client/metrics.ts";
import { routeOf } from "../../src/page/client/routes.ts";

/** Graphs without cycles, as pairs of which the first depends on the second. */
const graphs = fc.integer({ min: 1, max: 60 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    edges: fc
      .array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 150 })
      .map((pairs) =>
        pairs.filter(([a, b]) => a !== b).flatMap(([a, b]) => [Math.max(a, b), Math.min(a, b)]),
      ),
    aspect: fc.double({ min: 0.55, max: 2, noNaN: true }),
  }),
);

/** Boxes that the straight line between two points goes through, a pixel inside. */
function crossed(layout: Layout, from: readonly [number, number], to: readonly [number, number]) {
  const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
  const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
  return [...layout.xs.keys()].filter((node) => {
    const [x, y] = [layout.xs[node]!, layout.ys[node]!];
    return x + 1 < right && x + box.width - 1 > left && y + 1 < bottom && y + box.height - 1 > top;
  });
}

function overlapping(layout: Layout): [number, number][] {
  const nodes = [...layout.xs.keys()];
  return nodes.flatMap((a) =>
    nodes.flatMap((b): [number, number][] =>
      b > a &&
      Math.abs(layout.xs[a]! - layout.xs[b]!) < box.width &&
      Math.abs(layout.ys[a]! - layout.ys[b]!) < box.height
        ? [[a, b]]
        : [],
    ),
  );
}

test("no two boxes overlap, and all are inside of the picture", () => {
  fc.assert(
    fc.property(graphs, ({ count, edges, aspect }) => {
      const layout = layOut(count, edges, aspect);
      expect(overlapping(layout)).toEqual([]);
      for (let node = 0; node < count; node++) {
        expect(layout.xs[node]).toBeGreaterThanOrEqual(0);
        expect(layout.ys[node]).toBeGreaterThanOrEqual(0);
        expect(layout.xs[node]! + box.width).toBeLessThanOrEqual(layout.width);
        expect(layout.ys[node]! + box.height).toBeLessThanOrEqual(layout.height);
      }
    }),
  );
});

test("no edge runs through a box, however many layers and bands it passes", () => {
  fc.assert(
    fc.property(graphs, ({ count, edges, aspect }) => {
      const layout = layOut(count, edges, aspect);
      for (let at = 0; at < edges.length; at += 2) {
        const { points } = routeOf(edges[at]!, edges[at + 1]!, layout);
        for (let to = 2; to < points.length; to += 2) {
          const line = [
            [points[to - 2]!, points[to - 1]!],
            [points[to]!, points[to + 1]!],
          ] as const;
          expect(crossed(layout, ...line), `${edges[at]} to ${edges[at + 1]}`).toEqual([]);
        }
      }
    }),
  );
});

test("an edge starts at what depends, and ends at what it depends on", () => {
  fc.assert(
    fc.property(graphs, ({ count, edges, aspect }) => {
      const layout = layOut(count, edges, aspect);
      for (let at = 0; at < edges.length; at += 2) {
        const [from, to] = [edges[at]!, edges[at + 1]!];
        const { points } = routeOf(from, to, layout);
        const middle = box.height / 2;
        expect(points.slice(0, 2)).toEqual([layout.xs[from], layout.ys[from]! + middle]);
        expect(points.slice(-2)).toEqual([layout.xs[to]! + box.width, layout.ys[to]! + middle]);
      }
    }),
  );
});

test("what a node depends on is left of it, or in a band above", () => {
  fc.assert(
    fc.property(graphs, ({ count, edges, aspect }) => {
      const { xs, bands } = layOut(count, edges, aspect);
      for (let at = 0; at < edges.length; at += 2) {
        const [from, to] = [edges[at]!, edges[at + 1]!];
        expect(bands[to]! < bands[from]! || xs[to]! < xs[from]!).toBe(true);
      }
    }),
  );
});

const chain = (count: number): number[] =>
  Array.from({ length: count - 1 }, (_, at) => [at + 1, at]).flat();

test("a long chain goes on below, so that it can be read when all of it is seen", () => {
  const desk = { width: 1100, height: 680 };
  for (const [count, least] of [
    [12, 0.8],
    [40, 0.8],
    [100, 0.5],
  ] as const) {
    const layout = layOut(count, chain(count), desk.width / desk.height);
    expect(layout.bandTops.length).toBeGreaterThan(1);
    expect(fitted(layout, desk).scale).toBeGreaterThan(least);
  }
  const short = layOut(3, chain(3), desk.width / desk.height);
  expect(short.bandTops.length).toBe(1);
});

test("on a phone, layers go below each other sooner than they get too small to read", () => {
  const phone = { width: 360, height: 520 };
  const layout = layOut(8, chain(8), phone.width / phone.height);
  expect(fitted(layout, phone).scale).toBeGreaterThan(0.45);
});

test("edges that close a cycle change nothing of the rest", () => {
  const layout = layOut(3, [1, 0, 2, 1, 0, 2]);
  expect(overlapping(layout)).toEqual([]);
  expect(routeOf(0, 2, layout).points.every(Number.isFinite)).toBe(true);
});

test("the same graph is laid out the same way each time", () => {
  fc.assert(
    fc.property(graphs, ({ count, edges, aspect }) => {
      expect(layOut(count, edges, aspect)).toEqual(layOut(count, edges, aspect));
    }),
  );
});
