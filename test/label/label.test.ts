import fc from "fast-check";
import { expect, test } from "vitest";

import {
  isPackagePath,
  isTargetName,
  labelOf,
  parseLabel,
  partsOf,
} from "../../src/label/label.ts";
import { labelParts } from "./arbitraries.ts";

test("a label read from its text form is that label", () => {
  fc.assert(
    fc.property(labelParts, (parts) => {
      const label = labelOf(parts);
      expect(parseLabel(label)).toBe(label);
      expect(partsOf(label)).toEqual(parts);
    }),
  );
});

test.each([
  ["//a/b:c", "x", "//a/b:c"],
  ["//a/b", "x", "//a/b"],
  ["//:c", "x", "//:c"],
  ["//", "x", "//"],
  [":c", "a/b", "//a/b:c"],
  ["c", "a/b", "//a/b:c"],
  ["src/main.c", "a/b", "//a/b:src/main.c"],
  ["sub:c", "a/b", "//a/b/sub:c"],
  ["sub:c", "", "//sub:c"],
  ["c", "", "//:c"],
  ["@lib-lwip//:source", "a", "@lib-lwip//:source"],
  ["@unikraft.org//base:kernel", "a", "@unikraft.org//base:kernel"],
])("%s in package %j is %s", (text, from, label) => {
  expect(parseLabel(text, from)).toBe(label);
});

test.each([
  "",
  "//a//b",
  "//a/",
  "///a",
  "/a:b",
  "//a:b:c",
  "//a/../b",
  "//...",
  "//a:*",
  "//a:b/../c",
  "@repo",
  "@repo/:x",
  "@//:x",
  "a\\b",
  "//a:b\n",
])("%j is no label", (text) => {
  expect(parseLabel(text, "x")).toBeUndefined();
});

test("whatever text it is given, what it reads is in canonical form", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...Array.from("@/:.*-ab")) }),
  );
  fc.assert(
    fc.property(text, text, (written, from) => {
      const label = parseLabel(written, isPackagePath(from) ? from : "");
      if (label === undefined) return;
      expect(parseLabel(label)).toBe(label);
      const { packagePath, name } = partsOf(label);
      expect(isPackagePath(packagePath)).toBe(true);
      expect(name === "" || isTargetName(name)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
