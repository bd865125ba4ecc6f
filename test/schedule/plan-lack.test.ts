import { expect, test } from "vitest";

import { planRig } from "../rig/plan-rig.ts";

test("a node that lacks results has all of them made at once, and then starts again", () => {
  const rig = planRig("link: a b c, a:, b:, c:");
  rig.begin();
  for (const id of ["a", "b", "c"]) rig.finish(id);
  expect(rig.lacks("link", "a c a")).toBe("a c");
  expect(["link", "b"].map(rig.stateOf)).toEqual(["waiting", "done"]);
  expect(rig.finish("c")).toBe("");
  expect(rig.finish("a")).toBe("link");
  expect(rig.finish("link")).toBe("END ok");
});

test("what is made again may itself lack something", () => {
  const rig = planRig("image: lib, lib: cc, cc:");
  rig.begin();
  rig.finish("cc");
  rig.finish("lib");
  expect(rig.lacks("image", "lib")).toBe("lib");
  expect(rig.lacks("lib", "cc")).toBe("cc");
  expect(rig.finish("cc")).toBe("lib");
  expect(rig.finish("lib")).toBe("image");
  expect(rig.finish("image")).toBe("END ok");
});

test("two nodes that lack the same result wait for one that makes it", () => {
  const rig = planRig("one: cc, two: cc, cc:");
  rig.begin();
  expect(rig.finish("cc")).toBe("one two");
  expect(rig.lacks("one", "cc")).toBe("cc");
  expect(rig.lacks("two", "cc")).toBe("");
  expect(rig.finish("cc")).toBe("one two");
  rig.finish("one");
  expect(rig.finish("two")).toBe("END ok");
});

test("what is done stays so while something that it needed is made again", () => {
  const rig = planRig("image: lib, lib: cc, test: cc lib, cc:");
  rig.begin();
  rig.finish("cc");
  expect(rig.finish("lib")).toBe("image test");
  expect(rig.lacks("test", "cc")).toBe("cc");
  expect(rig.finish("image")).toBe("");
  expect(rig.stateOf("lib")).toBe("done");
  expect(rig.finish("cc")).toBe("test");
  expect(rig.finish("test")).toBe("END ok");
});

test("when a result cannot be made again, what lacks it is skipped for its sake", () => {
  const rig = planRig("one: cc, two: cc, cc:");
  rig.begin();
  rig.finish("cc");
  rig.lacks("one", "cc");
  expect(rig.fail("cc")).toBe("");
  expect(rig.stateOf("one")).toBe("skipped");
  expect(rig.causeOf("one")).toBe("cc");
  expect(rig.lacks("two", "cc")).toBe("END failed");
  expect(rig.causeOf("two")).toBe("cc");
});

test("a node that lacks something after a stop is skipped, and nothing is made again", () => {
  const rig = planRig("link: cc, cc:");
  rig.begin();
  rig.finish("cc");
  rig.stop();
  expect(rig.lacks("link", "cc")).toBe("END failed");
  expect(["link", "cc"].map(rig.stateOf)).toEqual(["skipped", "done"]);
});

test("what is lacking can be a node that the plan did not have, as it was done before", () => {
  const rig = planRig("link: main, main:");
  rig.begin();
  rig.finish("main");
  expect(rig.lacks("link", "lib", "lib: cc, cc:")).toBe("cc");
  expect(rig.finish("cc")).toBe("lib");
  expect(rig.finish("lib")).toBe("link");
  expect(rig.finish("link")).toBe("END ok");
});
