import { expect, test } from "vitest";

import { LaterWork } from "../../src/engine/later-work.ts";

function* pieces(name: string, count: number, done: string[]): Generator<undefined> {
  for (let i = 1; i <= count; i++) {
    done.push(`${name}${i}`);
    yield;
  }
}

test("does a few pieces at a time, in the order they came, and all when it is finished", () => {
  const done: string[] = [];
  const later = new LaterWork();
  let nowMs = 0;
  // Each look at the clock takes 2 ms, of the 5 ms that there are.
  const now = () => (nowMs += 2);
  expect(later.some(now)).toBe(false);
  later.add(pieces("a", 2, done));
  later.add(pieces("b", 3, done));
  expect(later.some(now)).toBe(true);
  expect(done).toEqual(["a1", "a2", "b1"]);
  later.finish();
  expect(done).toEqual(["a1", "a2", "b1", "b2", "b3"]);
  expect(later.some(now)).toBe(false);
});
