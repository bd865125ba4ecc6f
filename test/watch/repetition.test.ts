import { expect, test } from "vitest";

import { Repetition } from "../../src/watch/repetition.ts";

/** `builds` builds in a row, in each of which `path` changes. */
function repeat(repetition: Repetition, path: string, builds: number): void {
  for (let i = 0; i < builds; i++) {
    repetition.note(path);
    repetition.endBuild();
  }
}

test("saving twice while builds run is nothing special", () => {
  const repetition = new Repetition();
  repeat(repetition, "/a", 1);
  expect(repetition.mayCancel("/a")).toBe(true);
  repeat(repetition, "/a", 1);
  expect(repetition.pauseMs()).toBe(0);
  expect(repetition.news()).toEqual([]);
});

test("a file that changes in each build ends none any more, and each pause is twice as long", () => {
  const repetition = new Repetition();
  repeat(repetition, "/a", 2);
  expect(repetition.mayCancel("/a")).toBe(false);
  expect(repetition.mayCancel("/b")).toBe(true);
  repeat(repetition, "/a", 1);
  expect([repetition.pauseMs(), repetition.news(), repetition.news()]).toEqual([1000, ["/a"], []]);
  repeat(repetition, "/a", 1);
  expect(repetition.pauseMs()).toBe(2000);
  repeat(repetition, "/a", 20);
  expect(repetition.pauseMs()).toBe(30_000);
});

test("a build in which it does not change makes up for all before", () => {
  const repetition = new Repetition();
  repeat(repetition, "/a", 5);
  repetition.endBuild();
  expect(repetition.pauseMs()).toBe(0);
  expect(repetition.mayCancel("/a")).toBe(true);
});
