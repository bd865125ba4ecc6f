import { expect, test } from "vitest";

import { planRig } from "../rig/plan-rig.ts";

test("a full pool holds up only those that need it", () => {
  const graph = "a[9 network=1]:, b[8 network=1]:, c[7]:, d[6]:";
  const rig = planRig(graph, { jobs: 3, capacities: { network: 1 } });
  expect(rig.begin()).toBe("a c d");
  expect(rig.finish("a")).toBe("b");
});

test("a node that needs more than there is runs alone", () => {
  const graph = "a[1]:, large[5 memory=100]:, b[9]:";
  const rig = planRig(graph, { jobs: 2, capacities: { memory: 10 } });
  expect(rig.begin()).toBe("b");
  expect(rig.finish("b")).toBe("large");
  expect(rig.finish("large")).toBe("a");
  expect(rig.finish("a")).toBe("END ok");
});

test("a large node is not passed over for ever by small ones that are less urgent", () => {
  const graph = "x[9]:, large[8 cpu=3]:, a[1]:, b[1]:";
  const rig = planRig(graph, { jobs: 3 });
  expect(rig.begin()).toBe("x");
  expect(rig.finish("x")).toBe("large");
  expect(rig.finish("large")).toBe("a b");
});

test("while a large node waits, those that take nothing of what it lacks go on", () => {
  const graph = "x[9]:, large[8 cpu=3]:, net[7 cpu=0 network=1]:, a[1]:";
  const rig = planRig(graph, { jobs: 3, capacities: { network: 4 } });
  expect(rig.begin()).toBe("x net");
  expect(rig.finish("x")).toBe("large");
});

test("the console is for one at a time", () => {
  const graph = "a[console=1]:, b[console=1]:, c:";
  const rig = planRig(graph, { capacities: { console: 1 } });
  expect(rig.begin()).toBe("a c");
  expect(rig.finish("a")).toBe("b");
});

test("a pool that nobody gave a size has no limit", () => {
  expect(planRig("a[foo=7]:, b[foo=9]:").begin()).toBe("a b");
});

test("fractions that add up to all of a pool fit into it", () => {
  const graph = "a[cpu=0.1]:, b[cpu=0.1]:, c[cpu=0.1]:, d[cpu=0.1]:";
  expect(planRig(graph, { jobs: 0.3 }).begin()).toBe("a b c");
});
