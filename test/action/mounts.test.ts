import fc from "fast-check";
import { expect, test } from "vitest";

import { mountsOf } from "../../src/action/mounts.ts";

test("an action without mounts sees the paths of the graph", () => {
  const { inside, outside } = mountsOf({});
  expect([inside("a/b"), outside("a/b")]).toEqual(["a/b", "a/b"]);
});

test("a directory and all below it are seen elsewhere, and paths beside it are not", () => {
  const { inside, outside } = mountsOf({ mounts: { "apps/hello": "app" } });
  for (const [path, seen] of [
    ["apps/hello", "app"],
    ["apps/hello/main.c", "app/main.c"],
    ["apps/hello2/main.c", "apps/hello2/main.c"],
    ["apps", "apps"],
    ["/usr/include/a.h", "/usr/include/a.h"],
  ] as const) {
    expect(inside(path)).toBe(seen);
    expect(outside(seen)).toBe(path);
  }
});

test("of several mounts that fit, the deepest counts, both ways", () => {
  const { inside, outside } = mountsOf({
    mounts: { ".": "app", libs: "libs", "libs/a": "deep/a" },
  });
  expect(["main.c", "libs/b/x.c", "libs/a/x.c"].map(inside)).toEqual([
    "app/main.c",
    "libs/b/x.c",
    "deep/a/x.c",
  ]);
  expect(["app/main.c", "libs/b/x.c", "deep/a/x.c", "app"].map(outside)).toEqual([
    "main.c",
    "libs/b/x.c",
    "libs/a/x.c",
    ".",
  ]);
});

test("a path that is seen leads back to where it came from", () => {
  const name = fc.constantFrom("a", "b", "c", "ab");
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const mounts = fc
    .uniqueArray(path, { maxLength: 4 })
    .map((from) => Object.fromEntries(from.map((one, i) => [one, `seen${i}`])));
  fc.assert(
    fc.property(mounts, path, (where, one) => {
      const { inside, outside } = mountsOf({ mounts: where });
      expect(outside(inside(one))).toBe(one);
    }),
  );
});
