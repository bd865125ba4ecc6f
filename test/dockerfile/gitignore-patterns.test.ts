import fc from "fast-check";
import { expect, test } from "vitest";

import { gitignorePatterns } from "../../src/dockerfile/gitignore-patterns.ts";
import { ignorePatterns } from "../../src/dockerfile/ignore-patterns.ts";
import { hiddenBy } from "../../src/engine/hidden.ts";
import { seed } from "../seed.ts";

/** The paths in `directory`, of those in `all`, that an action does not get to see. */
function unseen(
  ignored: readonly string[],
  all: readonly string[],
  directory: string,
): readonly string[] {
  const hidden = hiddenBy(gitignorePatterns(ignored, directory));
  const prefix = directory === "" ? "" : `${directory}/`;
  return all.filter((path) => {
    if (!path.startsWith(prefix)) return false;
    const names = path.slice(prefix.length).split("/");
    // As a walk finds it: what is in a directory that is left out is never looked at.
    return names.some((_, i) => {
      return hidden.ignore(names.slice(0, i + 1).join("/"), i + 1 < names.length);
    });
  });
}

const files = ["README", "a.md", "src/a.md", "src/main/a.c", "src/main/b.c", "src/test/t.c", "z"];

test.each([
  { ignored: ["a.md"], left: ["a.md"] },
  { ignored: ["readme"], left: [] },
  { ignored: ["**/*.md"], left: ["a.md", "src/a.md"] },
  { ignored: ["*/*.md", "src/test/"], left: ["src/a.md", "src/test/t.c"] },
  { ignored: ["**/*.md", "!a.md"], left: ["src/a.md"] },
  { ignored: ["*", "!src/main"], left: ["README", "a.md", "src/a.md", "src/test/t.c", "z"] },
  {
    ignored: ["*", "!src/main/**", "!z", "src/main/b.c"],
    left: ["README", "a.md", "src/a.md", "src/main/b.c", "src/test/t.c"],
  },
  { ignored: ["src", "!src/main/a.c", "!src/test"], left: ["src/a.md", "src/main/b.c"] },
  // It may be anywhere.
  { ignored: ["*", "!**/*.c", "z"], left: ["z"] },
])("of $ignored only $left counts for nothing", ({ ignored, left }) => {
  expect(unseen(ignored, files, "")).toEqual(left);
});

test.each([
  { ignored: ["src/*.md", "**/t.c"], left: ["src/a.md", "src/test/t.c"] },
  { ignored: ["*", "!src/main"], left: ["src/a.md", "src/test/t.c"] },
  { ignored: ["*", "!src"], left: [] },
  { ignored: ["s*/test", "!other/test"], left: ["src/test/t.c"] },
  { ignored: ["src"], left: files.filter((path) => path.startsWith("src/")) },
])("of $ignored only $left in a directory counts for nothing", ({ ignored, left }) => {
  expect(unseen(ignored, files, "src")).toEqual(left);
});

const name = fc.constantFrom("a", "b", "A", "a.c", "b.c", ".d");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const part = fc.constantFrom("a", "b", "a.c", "*", "**", "*.c", "?", "a**", ".*", "[ab]");
const pattern = fc
  .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 }))
  .map(([isException, parts]) => `${isException ? "!" : ""}${parts.join("/")}`);

test("what actions do not see is never what Docker would copy", () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 6 }),
      fc.array(path, { minLength: 1, maxLength: 6 }),
      fc.constantFrom("", "a", "a/b"),
      (ignored, paths, directory) => {
        const { matches } = ignorePatterns(ignored);
        expect(unseen(ignored, paths, directory).filter((one) => !matches(one))).toEqual([]);
      },
    ),
    { seed, numRuns: 2000 },
  );
});
