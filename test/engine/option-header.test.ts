import fc from "fast-check";
import { expect, test } from "vitest";

import { optionsIn, readOptionHeader, valueOf } from "../../src/engine/option-header.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { gcc, writeFiles } from "./gcc-rig.ts";

const prefix = "CONFIG_";

test("a header of definitions gives what is behind each name", () => {
  const text = `/*
 * Made by hand: #define CONFIG_NO 1
 */
#ifndef __CONFIG_H__
#define __CONFIG_H__
// A line.
#define CONFIG_A 1
#define CONFIG_TEXT "a /* b */ // c \\" d"
#define CONFIG_CHAR '"'
#define CONFIG_HEX 0x10
#define CONFIG_EMPTY
#endif /* __CONFIG_H__ */
`;
  expect(readOptionHeader(text, prefix)).toEqual(
    new Map([
      ["CONFIG_A", "1"],
      ["CONFIG_TEXT", '"a /* b */ // c \\" d"'],
      ["CONFIG_CHAR", `'"'`],
      ["CONFIG_HEX", "0x10"],
      ["CONFIG_EMPTY", ""],
    ]),
  );
});

for (const [what, text] of Object.entries({
  "a condition": "#ifdef X\n#define CONFIG_A 1\n#endif\n",
  "a condition behind its guard":
    "#ifndef __H\n#define __H\n#if X\n#define CONFIG_A 1\n#endif\n#endif\n",
  "a guard that ends early": "#ifndef __H\n#define __H\n#endif\n#define CONFIG_A 1\n",
  "a guard around a part":
    "#define CONFIG_B 1\n#ifndef __H\n#define __H\n#define CONFIG_A 1\n#endif\n",
  "a line that goes on": "#define CONFIG_A 1 \\\n + 1\n",
  "a comment that goes on": "// a \\\n#define CONFIG_A 1\n",
  "a macro with arguments": "#define CONFIG_A(x) 1\n",
  "a value that names an option": "#define CONFIG_A CONFIG_B\n",
  "a comment behind a value": "#define CONFIG_A 1 /* one\n*/\n",
  "an open string": '#define CONFIG_A "x\n',
  "a macro of another name": "#define OTHER 1\n",
  "an include": "#include <a.h>\n",
  "an undefinition": "#undef CONFIG_A\n",
  code: "int a;\n",
})) {
  test(`a header with ${what} is no header of options`, () => {
    expect(readOptionHeader(text, prefix)).toBeUndefined();
  });
}

test("names in conditions, code, strings and comments are found, and others are not", () => {
  const text = `#if CONFIG_A && defined(CONFIG_B)
int x = CONFIG_C + 1; // CONFIG_D
char *s = "CONFIG_E"; int MY_CONFIG_F, CONFIG;
`;
  expect(optionsIn(text, prefix)).toEqual([
    "CONFIG_A",
    "CONFIG_B",
    "CONFIG_C",
    "CONFIG_D",
    "CONFIG_E",
  ]);
});

for (const [text, found] of [
  ["#define P(x) CONFIG_A##x", ["CONFIG_A*"]],
  ["#define P(x) CONFIG_A /* */ \\\n ## x", ["CONFIG_A*"]],
  ["CAT(CONFIG_A, B)", ["CONFIG_A*"]],
  ["CAT(CONFIG_A\n, B)", ["CONFIG_A*"]],
  ["CAT(A, CONFIG_B )", ["CONFIG_B*"]],
  ["#define A CONFIG_B // part", ["CONFIG_B*"]],
  ["#define A CONFIG_B\nx", ["CONFIG_B*"]],
  ["#if CONFIG_B\nx", ["CONFIG_B"]],
  ["#define P(x) CONFIG_##x", undefined],
  ["CAT(CONFIG_, x)", undefined],
  ["CAT(CONFIG, x)", undefined],
  ["a ??= b", undefined],
] as const) {
  test(`in ${JSON.stringify(text)} ${found?.join(" ") ?? "any name"} may be meant`, () => {
    expect(optionsIn(text, prefix)).toEqual(found);
  });
}

const names = ["CONFIG_A", "CONFIG_AB", "CONFIG_AB_C", "CONFIG_B", "CONFIG_BA"];
const value = fc.constantFrom("1", "2", "x", "0x1");
const options = fc.dictionary(fc.constantFrom(...names), value);

function headerOf(macros: Readonly<Record<string, string>>): string {
  const lines = Object.entries(macros).map(([name, text]) => `#define ${name} ${text}\n`);
  return lines.join("");
}

const piece = fc.constantFrom(
  ...names.flatMap((name) => [
    name,
    `"${name}"`,
    `\n#ifdef ${name}\ndefined_${name}\n#endif\n`,
    `STR(${name})`,
    `XSTR(${name})`,
    `CAT(${name}, _C)`,
    `XCAT(${name}, B)`,
    `\n#define PART ${name}\nXCAT(PART, A)\n#undef PART\n`,
    `OF_A(${name.slice("CONFIG_A".length)})`,
  ]),
);
const macros = `#define STR(x) #x
#define XSTR(x) STR(x)
#define CAT(x, y) x##y
#define XCAT(x, y) CAT(x, y)
#define OF_A(x) CONFIG_A##x
`;

test("headers that agree on what a text can see of them give the same preprocessed text", () => {
  const directory = temporaryDirectory();
  let agreed = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 3 }), options, options, (pieces, set, more) => {
      const [one, other] = [headerOf(set), headerOf({ ...set, ...more })];
      const text = `#include "config.h"\n${macros}${pieces.join(" ")}\n`;
      const seen = optionsIn(text, prefix);
      const maps = [one, other].map((each) => readOptionHeader(each, prefix));
      const values = maps.map((map) => seen?.map((option) => valueOf(option, map ?? new Map())));
      if (seen === undefined || JSON.stringify(values[0]) !== JSON.stringify(values[1])) return;
      if (one === other) return;
      agreed += 1;
      const results = [one, other].map((each) => {
        writeFiles(directory, { "config.h": each, "main.c": text });
        return gcc(directory, ["-E", "-nostdinc", "main.c"]);
      });
      expect(results[0]).toBe(results[1]);
    }),
    { numRuns: 1500 },
  );
  expect(agreed).toBeGreaterThan(20);
});
