import { join } from "node:path";

import fc from "fast-check";
import { expect, test } from "vitest";

import { pathBelow } from "../../src/base/path-below.ts";

const segment = fc.constantFrom("", ".", "..", "...", "a", ".a", "a.", "..a", "a..b");
const paths = fc.array(segment, { minLength: 1, maxLength: 5 }).map((all) => all.join("/"));

test("is what join gives, whatever the path", () => {
  const directories = fc.constantFrom("/", "/a", "/a/.b/c", "/a..", "a");
  fc.assert(
    fc.property(directories, paths, (directory, path) => {
      expect(pathBelow(directory, path)).toBe(join(directory, path));
    }),
    { numRuns: 1000 },
  );
});
