import { expect, test } from "vitest";

import { planRig } from "../rig/plan-rig.ts";

test("a node that does what a running one does starts again when that is done", () => {
  const rig = planRig("image: one two, one:, two:, other:", { jobs: 2 });
  expect(rig.begin()).toBe("one two");
  // Its place is free for others meanwhile.
  expect(rig.awaits("two", "one")).toBe("other");
  expect(rig.stateOf("two")).toBe("waiting");
  expect(rig.finish("one")).toBe("two");
  expect(rig.finish("two")).toBe("image");
  rig.finish("other");
  expect(rig.finish("image")).toBe("END ok");
});

test("it starts at once when the other one has come to its end meanwhile", () => {
  const rig = planRig("one:, two:");
  rig.begin();
  rig.finish("one");
  expect(rig.awaits("two", "one")).toBe("two");
  expect(rig.finish("two")).toBe("END ok");
});

test("it starts at once when the other one waits for what it lacks", () => {
  const rig = planRig("one: cc, two: cc, cc:");
  rig.begin();
  rig.finish("cc");
  expect(rig.lacks("one", "cc")).toBe("cc");
  expect(rig.awaits("two", "one")).toBe("two");
});

test("it is skipped for the sake of the other one, when that fails", () => {
  const rig = planRig("one:, two:");
  rig.begin();
  expect(rig.awaits("two", "one")).toBe("");
  expect(rig.fail("one")).toBe("END failed");
  expect([rig.stateOf("two"), rig.causeOf("two")]).toEqual(["skipped", "one"]);
});

test("after a stop it waits for nobody", () => {
  const rig = planRig("one:, two:");
  rig.begin();
  rig.stop();
  expect(rig.awaits("two", "one")).toBe("");
  expect(rig.stateOf("two")).toBe("skipped");
  expect(rig.cancel("one")).toBe("END failed");
});
