import { expect, test } from "vitest";

import { Recent } from "../../src/base/recent.ts";

test("keeps the last values, and the one that was kept longest makes room", () => {
  const recent = new Recent<number>(2);
  for (const [i, name] of ["a", "b", "c"].entries()) recent.keep(name, i);
  expect([recent.of("a"), recent.of("b"), recent.of("c")]).toEqual([undefined, 1, 2]);
});

test("a value that is kept again takes no second place", () => {
  const recent = new Recent<number>(2);
  for (const [i, name] of ["a", "b", "b"].entries()) recent.keep(name, i);
  expect([recent.of("a"), recent.of("b")]).toEqual([0, 2]);
});
