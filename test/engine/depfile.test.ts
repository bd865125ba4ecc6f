import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";

import { readDepfile } from "../../src/engine/depfile.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { gcc, writeFiles } from "./gcc-rig.ts";

test("rules over several lines, and those for make alone, give each file once, in order", () => {
  const text = "a.o b.o: a.c \\\n  one.h \\\r\n two.h one.h\n\none.h:\n\ntwo.h:\n";
  expect(readDepfile(text)).toEqual(["a.c", "one.h", "two.h"]);
});

test("a file with a colon is no target, and paths stay as they are", () => {
  expect(readDepfile("a\\:b.o: x:y.h a/../b.h ./c.h\n")).toEqual(["x:y.h", "a/../b.h", "./c.h"]);
});

test("what is no rule says nothing", () => {
  for (const text of ["", "\n\n", "# nothing\n", "no rule here\n"]) {
    expect(readDepfile(text)).toEqual([]);
  }
});

const oddName = fc
  .string({ unit: fc.constantFrom("a", "b", " ", "#", "$", "\\", ":", "é", "%", "'", "*") })
  // What a file cannot be called in an #include, or what make itself cannot tell.
  .map((name) => `x${name}x.h`);

test("whatever files are called, they are read as gcc wrote them", () => {
  const names = fc.uniqueArray(oddName, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(names, (headers) => {
      const directory = temporaryDirectory();
      const includes = headers.map((name) => `#include "${name}"\n`).join("");
      const files = Object.fromEntries(headers.map((name) => [name, ""]));
      writeFiles(directory, { ...files, "main.c": includes });
      gcc(directory, ["-nostdinc", "-E", "main.c", "-MD", "-MF", "d", "-o", "main.i"]);
      expect(readDepfile(readFileSync(join(directory, "d"), "utf8"))).toEqual([
        "main.c",
        ...headers,
      ]);
    }),
    { numRuns: 40 },
  );
});
