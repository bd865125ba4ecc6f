import { expect, test } from "vitest";

import { planRig } from "../rig/plan-rig.ts";

test("a node can bring nodes that those waiting for it need as well", () => {
  const rig = planRig("image: configure, configure:");
  expect(rig.begin()).toBe("configure");
  expect(rig.yields("configure", "link: cc1 cc2, cc1: configure, cc2:", "image: link")).toBe(
    "cc1 cc2",
  );
  expect(rig.stateOf("image")).toBe("waiting");
  expect(rig.finish("cc1")).toBe("");
  expect(rig.finish("cc2")).toBe("link");
  expect(rig.finish("link")).toBe("image");
  expect(rig.finish("image")).toBe("END ok");
});

test("a node that was brought can be a goal itself", () => {
  const rig = planRig("configure:");
  rig.begin();
  expect(rig.yields("configure", "kernel: cc, cc:", "", ["kernel"])).toBe("cc");
  expect(rig.finish("cc")).toBe("kernel");
  expect(rig.finish("kernel")).toBe("END ok");
});

test("nodes that are brought but not needed do not run", () => {
  const rig = planRig("configure:");
  rig.begin();
  expect(rig.yields("configure", "kernel: cc, cc:")).toBe("END ok");
  expect(rig.stateOf("cc")).toBe("waiting");
  expect(rig.plan.count("waiting")).toBe(0);
});

test("a node that no goal needed runs when one that was brought needs it", () => {
  const rig = planRig("image: configure, configure:, lib: base, base:", { goals: ["image"] });
  expect(rig.begin()).toBe("configure");
  expect(rig.yields("configure", "link: lib", "image: link")).toBe("base");
  expect(rig.finish("base")).toBe("lib");
  expect(rig.finish("lib")).toBe("link");
});

test("nodes that were brought can bring more", () => {
  const rig = planRig("image: a, a:");
  rig.begin();
  expect(rig.yields("a", "b: a", "image: b")).toBe("b");
  expect(rig.yields("b", "c: b", "image: c")).toBe("c");
  expect(rig.finish("c")).toBe("image");
  expect(rig.finish("image")).toBe("END ok");
});

test("a node that was brought and needs a failed one is skipped, with all that needs it", () => {
  const rig = planRig("image: configure, configure:, lib:");
  rig.begin();
  rig.fail("lib");
  expect(rig.yields("configure", "link: lib, cc:", "image: link cc")).toBe("cc");
  expect(["link", "image"].map(rig.stateOf)).toEqual(["skipped", "skipped"]);
  expect(rig.causeOf("image")).toBe("lib");
  expect(rig.finish("cc")).toBe("END failed");
});

test("an edge to a failed node skips what waited", () => {
  const rig = planRig("image: configure, configure:, lib:");
  rig.begin();
  rig.fail("lib");
  expect(rig.yields("configure", "", "image: lib")).toBe("END failed");
  expect(rig.stateOf("image")).toBe("skipped");
});

test("an edge from a node that was skipped meanwhile does no harm", () => {
  const rig = planRig("image: configure lib, configure:, lib:");
  rig.begin();
  rig.fail("lib");
  expect(rig.yields("configure", "link:", "image: link")).toBe("END failed");
  expect(rig.stateOf("link")).toBe("waiting");
});

test("work that was brought makes what it needs more urgent, even when that is ready", () => {
  const rig = planRig("image: gen, gen[99]:, a[5]:, b[4]:", { jobs: 1 });
  expect(rig.begin()).toBe("gen");
  expect(rig.yields("gen", "link[50]: b", "image: link")).toBe("b");
  expect(rig.finish("b")).toBe("link");
  expect(rig.finish("link")).toBe("a");
});

test.each([
  ["a cycle among new nodes", "x: y, y: x", "", '{"kind":"cycle","ids":["x","y"]}'],
  [
    "a cycle through a waiting node",
    "x: image",
    "image: x",
    '{"kind":"cycle","ids":["x","image"]}',
  ],
  ["a cycle of old nodes", "", "mid: image", '{"kind":"cycle","ids":["image","mid"]}'],
  ["an edge of a node to itself", "", "image: image", '{"kind":"cycle","ids":["image"]}'],
  ["a need that is not there", "x: y", "", '{"kind":"unknown","id":"y"}'],
  ["an edge from nowhere", "x:", "y: x", '{"kind":"unknown","id":"y"}'],
  ["an edge to nowhere", "", "image: y", '{"kind":"unknown","id":"y"}'],
  ["a name that is taken", "mid:", "", '{"kind":"duplicate","id":"mid"}'],
  ["a name that is given twice", "x:, x:", "", '{"kind":"duplicate","id":"x"}'],
  ["an edge from itself", "x:", "gen: x", '{"kind":"late","id":"gen"}'],
  ["an edge from a node that runs", "x:", "other: x", '{"kind":"late","id":"other"}'],
])("%s fails the node that brought it, and adds nothing", (_, graph, edges, refusal) => {
  const rig = planRig("image: mid, mid: gen, gen:, other:");
  expect(rig.begin()).toBe("gen other");
  expect(rig.yields("gen", graph, edges)).toBe(`REFUSE gen ${refusal}`);
  expect(["gen", "mid", "image", "x"].map(rig.stateOf)).toEqual([
    "failed",
    "skipped",
    "skipped",
    undefined,
  ]);
  expect(rig.finish("other")).toBe("END failed");
});

test("a goal that is not there fails the node that named it", () => {
  const rig = planRig("gen:");
  rig.begin();
  expect(rig.yields("gen", "x:", "", ["y"])).toBe(
    'REFUSE gen {"kind":"unknown","id":"y"} END failed',
  );
});

test("after a refusal, another node can bring the same names", () => {
  const rig = planRig("image: a b, a:, b:, late: b");
  rig.begin();
  rig.yields("a", "x: y, y: x");
  expect(rig.yields("b", "x:", "late: x")).toBe("x");
});

test("after a stop, nothing more joins the plan", () => {
  const rig = planRig("image: gen, gen:");
  rig.begin();
  rig.stop();
  expect(rig.yields("gen", "x:", "image: x")).toBe("END failed");
  expect(rig.stateOf("gen")).toBe("done");
  expect(rig.stateOf("x")).toBeUndefined();
});
