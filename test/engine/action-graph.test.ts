import { expect, test } from "vitest";

import { ActionGraph, type Growth } from "../../src/engine/action-graph.ts";
import type { Action } from "../../src/action/action.ts";
import type { Label } from "../../src/label/label.ts";
import { pathOf, outs, rule } from "./execution-rig.ts";

function graphOf(...actions: readonly Action[]): ActionGraph {
  return new ActionGraph(actions, { durationOf: () => 7 });
}

/** Each node with what it needs, as `a <- b c`. */
function needsOf(nodes: readonly { id: string; needs: readonly string[] }[]): string[] {
  return nodes.map(({ id, needs }) => `${short(id)} <- ${needs.map(short).join(" ")}`.trimEnd());
}

function short(path: string): string {
  return path.replace(`${outs}/`, "");
}

function grown(growth: Growth | { readonly problem: string }) {
  if ("problem" in growth) return growth.problem;
  return {
    adds: needsOf(growth.adds),
    edges: growth.edges.map(([from, needs]) => `${short(from)} <- ${short(needs)}`),
    goals: growth.goals.map(short),
  };
}

test("an action needs those that make its inputs, each once; sources need nothing", () => {
  const graph = graphOf(
    rule("out/a out/a2: main.c"),
    rule("out/b: out/a out/a2 main.c"),
    rule("out/c: out/b out/a"),
  );
  expect(needsOf(graph.nodes())).toEqual(["a <-", "b <- a", "c <- b a"]);
  expect(graph.nodes()[0]).toMatchObject({ resources: { cpu: 1 }, priorityMs: 7 });
  expect(graph.size).toBe(3);
});

test("who reads a file inside an output directory needs the action that makes the directory", () => {
  const graph = graphOf(rule("out/d:"), rule("out/b: out/d/inner/file"), rule("out/dd: out/d"));
  expect(needsOf(graph.nodes())).toEqual(["d <-", "b <- d", "dd <- d"]);
  expect(graph.makerOf(pathOf("out/d/x/y"))?.outputs).toEqual([pathOf("out/d")]);
  expect(graph.makerOf(pathOf("out/dx"))).toBeUndefined();
  expect(graph.makerOf("main.c")).toBeUndefined();
});

test("an action that reads below what it makes does not wait for itself", () => {
  expect(needsOf(graphOf(rule("out/d: out/d/file main.c")).nodes())).toEqual(["d <-"]);
});

test("goals are the actions that the wanted outputs come from, and sources need none", () => {
  const graph = graphOf(rule("out/a out/a2:"), rule("out/d:"));
  const wanted = ["out/a", "out/a2", "out/d/file", "main.c"].map(pathOf);
  expect(graph.goalsFor(wanted).map(short)).toEqual(["a", "d"]);
});

test("what nothing makes as yet is waited for with the action that lists more of its target", () => {
  const graph = graphOf(rule("out/list*:"), rule("out/image: out/a.o main.c"), rule("x/y: x/z"));
  expect(needsOf(graph.nodes())).toEqual(["list <-", "image <- list", "x/y <-"]);
  expect(graph.goalsFor([pathOf("out/b.o")]).map(short)).toEqual(["list"]);
  expect(grown(graph.grow([rule("out/a.o: a.c"), rule("out/b.o: out/a.o")]))).toEqual({
    adds: ["a.o <-", "b.o <- a.o"],
    edges: ["image <- a.o"],
    goals: ["b.o"],
  });
  expect(graph.size).toBe(5);
});

test("listed actions may need each other in any order, and list further ones", () => {
  const graph = graphOf(rule("out/list*:"), rule("out/image: out/late.o"));
  graph.nodes();
  expect(
    grown(graph.grow([rule("out/lib.a: out/a.o"), rule("out/a.o:"), rule("out/two*:")])),
  ).toEqual({ adds: ["lib.a <- a.o", "a.o <-", "two <-"], edges: ["image <- two"], goals: [] });
  expect(grown(graph.grow([rule("out/late.o: out/a.o")]))).toEqual({
    adds: ["late.o <- a.o"],
    edges: ["image <- late.o"],
    goals: [],
  });
});

test("only outputs of the target that lists actions are waited for", () => {
  const other = { ...rule(".kraft/out/other/b: .kraft/out/other/c"), owner: "//:other" as Label };
  const graph = graphOf(rule("out/list*:"), other);
  expect(needsOf(graph.nodes()).at(-1)).toBe(".kraft/out/other/b <-");
});

test("a listed action that makes what another makes, or lies elsewhere, is a problem", () => {
  const graph = graphOf(rule("out/list*:"), rule("out/d:"));
  expect(grown(graph.grow([rule("out/d/x:")]))).toBe(
    `it lists a second action that makes ${outs}/d/x`,
  );
  expect(grown(graph.grow([rule("elsewhere:")]))).toBe(
    `it lists an action that makes elsewhere, outside of ${outs}`,
  );
  expect(grown(graph.grow([rule("out/x:"), rule("out/x:")]))).toBe(
    `it lists a second action that makes ${outs}/x`,
  );
});
