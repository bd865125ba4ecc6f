import { expect, test } from "vitest";

import { type CompileOptions, compileRig, optionHeader } from "./compile-rig.ts";

const files = {
  "app/main.c": `#include "a.h"
#include <b.h>
#ifdef CONFIG_FAST
int fast;
#endif
int level = CONFIG_LEVEL;
`,
  "app/a.h": "int a;\n",
  "two/b.h": "int b;\n",
  "app/unused.h": "int unused;\n",
  [optionHeader]: "#define CONFIG_FAST 1\n#define CONFIG_LEVEL 3\n#define CONFIG_OTHER 1\n",
};

const flags = ["-include", optionHeader];

type Rig = ReturnType<typeof compileRig>;

test.each<[string, (rig: Rig) => void, readonly string[]]>([
  [
    "a source",
    ({ write }) => write("app/main.c", `${files["app/main.c"]}\n\nint x;\n`),
    ["app/main.c changed"],
  ],
  ["a header", ({ write }) => write("app/a.h", "long a;\n"), ["app/a.h changed"]],
  [
    "a header that shadows",
    ({ write }) => write("one/b.h", "int c;\n"),
    ["one/b.h would now be found first"],
  ],
  [
    "a header that shadows a quoted one no longer",
    (rig) => (rig.remove("app/a.h"), rig.write("two/a.h", "int moved;\n")),
    ["app/a.h is gone"],
  ],
  [
    "an option",
    ({ write }) => write(optionHeader, "#define CONFIG_LEVEL 3\n#define CONFIG_OTHER 1\n"),
    ["CONFIG_FAST: 1 → not set"],
  ],
  [
    "the value of an option",
    ({ write }) => write(optionHeader, "#define CONFIG_FAST 1\n#define CONFIG_LEVEL 4\n"),
    ["CONFIG_LEVEL: 3 → 4"],
  ],
  [
    "an option that it cannot see",
    ({ write }) => write(optionHeader, "#define CONFIG_FAST 1\n#define CONFIG_LEVEL 3\n"),
    [],
  ],
  ["a header that it does not read", ({ write }) => write("app/unused.h", "long unused;\n"), []],
])("%s is told as what a compiler saw of it", async (_, change, expected) => {
  const rig = compileRig(files, { flags });
  expect(await rig.build()).toBe("compiled");
  change(rig);
  expect(await rig.reasons()).toEqual(expected);
});

test("a flag, a variable and the search path are told by word", async () => {
  const options = { flags: [...flags] };
  const told = async (more: Partial<CompileOptions>) => {
    const rig = compileRig(files, options);
    await rig.build();
    return rig.reasons(more);
  };
  expect(await told({ flags: [...flags, "-DX=1"] })).toEqual([
    "argument 12 to preprocess is new: -DX=1",
  ]);
  expect(await told({ searchPath: ["two", "one"] })).toEqual([
    "the order of its arguments changed: two comes before one",
  ]);
  expect(await told({ more: { env: { LANG: "C" } } })).toEqual(["variable LANG: not set → C"]);
});
