import { expect, test } from "vitest";

import { ChangeBatch } from "../../src/watch/change-batch.ts";
import type { PathChange } from "../../src/watch/follower.ts";

const content = (path: string): PathChange => ({ path, kind: "content" });

/** A batch with a clock that the test moves. */
function batchRig() {
  let nowMs = 0;
  let due: { atMs: number; use: () => void } | undefined;
  let isHeld = false;
  let ready = 0;
  const batch = new ChangeBatch({
    after: (ms, use) => {
      const own = { atMs: nowMs + ms, use };
      due = own;
      return () => {
        if (due === own) due = undefined;
      };
    },
    isHeld: () => isHeld,
    ready: () => void (ready += 1),
  });
  const pass = (ms: number): void => {
    const endMs = nowMs + ms;
    while (due !== undefined && due.atMs <= endMs) {
      const { atMs, use } = due;
      due = undefined;
      nowMs = atMs;
      use();
    }
    nowMs = endMs;
  };
  return { batch, pass, hold: (is: boolean) => void (isHeld = is), ready: () => ready };
}

test("a save is complete a few milliseconds after its last change", () => {
  const { batch, pass, ready } = batchRig();
  batch.add(content("/a"));
  pass(4);
  batch.add({ path: "/a", kind: "entry" });
  pass(4);
  expect(ready()).toBe(0);
  pass(1);
  expect(ready()).toBe(1);
  // The stronger of the two.
  expect(batch.take()).toEqual({ kind: "paths", changes: [{ path: "/a", kind: "entry" }] });
});

test("where many files changed, more are waited for", () => {
  const { batch, pass, ready } = batchRig();
  for (let i = 0; i < 100; i++) {
    batch.add(content(`/${i}`));
    pass(i < 9 ? 4 : 40);
  }
  expect(ready()).toBe(0);
  pass(50);
  expect(ready()).toBe(1);
});

test("nothing is complete while git is at it", () => {
  const { batch, pass, hold, ready } = batchRig();
  hold(true);
  batch.add(content("/a"));
  pass(5_000);
  expect(ready()).toBe(0);
  batch.add(content("/b"));
  hold(false);
  pass(20);
  expect(ready()).toBe(1);
  expect(batch.take()).toMatchObject({ changes: [content("/a"), content("/b")] });
});

test("a doubt makes all of it unknown, and what comes later is known again", () => {
  const { batch, pass } = batchRig();
  batch.add(content("/a"));
  batch.doubt();
  pass(50);
  expect(batch.take()).toEqual({ kind: "unknown" });
  batch.add(content("/b"));
  pass(5);
  expect(batch.take()).toEqual({ kind: "paths", changes: [content("/b")] });
});

test("what comes before it is taken is part of it, and is told of as well", () => {
  const { batch, pass, ready } = batchRig();
  batch.add(content("/a"));
  pass(5);
  batch.add(content("/b"));
  expect(batch.isReady).toBe(true);
  pass(1_000);
  expect(ready()).toBe(2);
  expect(batch.take()).toMatchObject({ changes: [content("/a"), content("/b")] });
  expect(batch.isReady).toBe(false);
});
