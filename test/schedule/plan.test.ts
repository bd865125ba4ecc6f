import { expect, test } from "vitest";

import { Plan } from "../../src/schedule/plan.ts";
import { planRig } from "../rig/plan-rig.ts";

test("runs no more than there are units of cpu", () => {
  const rig = planRig("kernel: app lib, app:, lib:", { jobs: 1 });
  expect(rig.begin()).toBe("app");
  expect(rig.finish("app")).toBe("lib");
  expect(rig.finish("lib")).toBe("kernel");
  expect(rig.finish("kernel")).toBe("END ok");
});

test("a failure skips what needs it, and nothing else", () => {
  const rig = planRig("image: kernel, kernel: app, app:, docs:");
  expect(rig.begin()).toBe("app docs");
  expect(rig.fail("app")).toBe("");
  expect(rig.stateOf("kernel")).toBe("skipped");
  expect(rig.stateOf("image")).toBe("skipped");
  expect(rig.causeOf("image")).toBe("app");
  expect(rig.finish("docs")).toBe("END failed");
});

test("a plan without work ends at once, and well", () => {
  expect(planRig("").begin()).toBe("END ok");
});

test("only what the goals need runs", () => {
  const rig = planRig("image: kernel, kernel:, docs: kernel, site: docs", { goals: ["image"] });
  expect(rig.begin()).toBe("kernel");
  expect(rig.finish("kernel")).toBe("image");
  expect(rig.finish("image")).toBe("END ok");
  expect(rig.stateOf("docs")).toBe("waiting");
  expect(rig.plan.count("done")).toBe(2);
  expect(rig.plan.count("waiting")).toBe(0);
});

test("a node that is needed twice by another is waited for once", () => {
  const rig = planRig("a: b b, b:");
  expect(rig.begin()).toBe("b");
  expect(rig.finish("b")).toBe("a");
});

test("what a long chain of work waits for starts first", () => {
  const graph = "docs[50]:, cc[10]:, ld[60]: cc, pack[5]: ld, gen[1]:";
  const rig = planRig(graph, { jobs: 1 });
  expect(rig.begin()).toBe("cc");
  expect(rig.finish("cc")).toBe("ld");
  expect(rig.finish("ld")).toBe("docs");
  expect(rig.finish("docs")).toBe("pack");
});

test("work that no goal needs makes no chain longer", () => {
  const graph = "a[1]:, b[2]:, huge[1000]: a";
  expect(planRig(graph, { jobs: 1, goals: ["a", "b"] }).begin()).toBe("b");
});

test("of equally urgent nodes, the one that was added first starts first", () => {
  const rig = planRig("c:, a:, b:", { jobs: 1 });
  expect(rig.begin()).toBe("c");
  expect(rig.finish("c")).toBe("a");
  expect(rig.finish("a")).toBe("b");
});

test("without keepGoing, a failure lets the running ones finish and starts nothing", () => {
  const rig = planRig("a:, b:, c: b, d:", { jobs: 2, keepGoing: false });
  expect(rig.begin()).toBe("a b");
  expect(rig.fail("a")).toBe("");
  expect(rig.finish("b")).toBe("END failed");
  expect(rig.stateOf("b")).toBe("done");
  expect(["c", "d"].map(rig.stateOf)).toEqual(["skipped", "skipped"]);
  expect(rig.causeOf("d")).toBeUndefined();
});

test("a stop cancels what runs, starts nothing, and ends when that is over", () => {
  const rig = planRig("a:, b:, c: a", { jobs: 2 });
  expect(rig.begin()).toBe("a b");
  expect(rig.stop()).toBe("CANCEL a CANCEL b");
  expect(rig.finish("a")).toBe("");
  expect(rig.cancel("b")).toBe("END failed");
  expect(["a", "b", "c"].map(rig.stateOf)).toEqual(["done", "skipped", "skipped"]);
});

test("a stop before the beginning ends at once", () => {
  const rig = planRig("a:");
  expect(rig.stop()).toBe("END failed");
  expect(rig.begin()).toBe("");
});

test("after a failure without keepGoing, a stop still cancels what runs", () => {
  const rig = planRig("a:, b:", { keepGoing: false });
  expect(rig.begin()).toBe("a b");
  expect(rig.fail("a")).toBe("");
  expect(rig.stop()).toBe("CANCEL b");
  expect(rig.cancel("b")).toBe("END failed");
  expect(rig.stop()).toBe("");
});

test("a node that came to no result is not failed, but what needs it is skipped", () => {
  const rig = planRig("a:, b: a, c:", { jobs: 1 });
  expect(rig.begin()).toBe("a");
  expect(rig.cancel("a")).toBe("c");
  expect(["a", "b"].map(rig.stateOf)).toEqual(["skipped", "skipped"]);
  expect(rig.finish("c")).toBe("END failed");
});

test("an event about a node that does not run is a bug", () => {
  const rig = planRig("a: b, b:");
  rig.begin();
  expect(() => rig.finish("a")).toThrow("bug: a finished, but did not run");
  expect(() => rig.finish("nowhere")).toThrow("bug: nowhere finished, but did not run");
});

test("a plan with a cycle, a missing need or a missing goal is a bug", () => {
  expect(() => planRig("a: b, b: a")).toThrow('"cycle","ids":["a","b"]');
  expect(() => planRig("a: a")).toThrow("cycle");
  expect(() => planRig("a: b")).toThrow('"unknown","id":"b"');
  expect(() => planRig("a:", { goals: ["b"] })).toThrow('"unknown","id":"b"');
  expect(() => planRig("a:, a:")).toThrow('"duplicate","id":"a"');
});

test("a chain of 100,000 nodes runs, and one of them that fails skips the rest", () => {
  const size = 100_000;
  const nodes = Array.from({ length: size }, (_, i) => ({
    id: `n${i}`,
    needs: i === 0 ? [] : [`n${i - 1}`],
    resources: { cpu: 1 },
    priorityMs: 1,
  }));
  const options = { goals: [`n${size - 1}`], capacities: { cpu: 2 }, keepGoing: true };
  const plan = new Plan(nodes, options);
  plan.advance({ kind: "begin" });
  for (let i = 0; i < size / 2; i++) {
    plan.advance({ kind: "finished", id: `n${i}`, outcome: "succeeded" });
  }
  const id = `n${size / 2}`;
  expect(plan.advance({ kind: "finished", id, outcome: "failed" })).toEqual([
    { kind: "end", ok: false },
  ]);
  expect(plan.count("done")).toBe(size / 2);
  expect(plan.count("skipped")).toBe(size / 2 - 1);
});

test("a node that continues gives back what it took, and waits for what it needs now", () => {
  const rig = planRig("a[cpu=0 network=1]:, b[cpu=0 network=1]:, c: a b", {
    jobs: 1,
    capacities: { network: 1 },
  });
  expect(rig.begin()).toBe("a");
  expect(rig.continues("a", 1)).toBe("a b");
  expect(rig.continues("b", 1)).toBe("");
  expect(rig.stateOf("b")).toBe("ready");
  expect(rig.finish("a")).toBe("b");
  expect(rig.finish("b")).toBe("c");
  expect(rig.finish("c")).toBe("END ok");
});

test("a node that would continue is skipped once the plan has stopped", () => {
  const rig = planRig("a:, b: a");
  rig.begin();
  expect(rig.stop()).toBe("CANCEL a");
  expect(rig.continues("a", 1)).toBe("END failed");
  expect(rig.stateOf("a")).toBe("skipped");
});
