import { expect, test } from "vitest";

import { Tally } from "../../src/engine/tally.ts";

test("what is taken back of an action is what was said of it, and of no other", () => {
  const tally = new Tally(1);
  tally.add("a", "remoteHit", 20);
  tally.add("b", "remoteHit", 300);
  tally.add("c", "executed");
  expect(tally.savedMs).toBe(320);
  tally.takeBack("a");
  tally.takeBack("d");
  expect(tally.savedMs).toBe(300);
  expect(tally.counts).toMatchObject({ remoteHit: 1, executed: 1, upToDate: 0 });
});
