import { expect, test } from "vitest";

import { includeNamesIn, readsMore, tellsTime } from "../../src/engine/include-names.ts";

/** As `<name>`, `"name"`, or either with a `+` when the next one is meant. */
function shown(text: string): readonly string[] | undefined {
  return includeNamesIn(text)?.map(({ name, isLocal, isNext }) => {
    return `${isLocal ? `"${name}"` : `<${name}>`}${isNext ? "+" : ""}`;
  });
}

for (const [text, names] of [
  ['#include <a.h>\n  #  include "b/c.h" // x\n', ["<a.h>", '"b/c.h"']],
  ["%:include <a.h>\n", ["<a.h>"]],
  ["/* x */ # /* y */ include /* z */ <a.h>\n", ["<a.h>"]],
  ["/* begun\n above */ #include <a.h>\n", ["<a.h>"]],
  ["#inc\\\nlude \\\n <a.h>\n", ["<a.h>"]],
  ["#include_next <a.h>\n", ["<a.h>+"]],
  ["#if 0\n#include <a.h>\n#endif\n", ["<a.h>"]],
  ['#if __has_include(<a.h>) || __has_include ( "b.h" )\n#endif\n', ["<a.h>", '"b.h"']],
  [
    "#if defined __has_include && defined(__has_include)\n#ifdef __has_include\n#endif\n#endif\n",
    [],
  ],
  ["#if __has_include_next(<a.h>)\n", ["<a.h>+"]],
  ["#define A 1\n#pragma once\n#error include <a.h>\nint included;\n * #include <b.h>\n", []],
  ["#include NAME\n", undefined],
  ["#include /* over\n lines */ <a.h>\n", undefined],
  ["# /* over\n lines */ include <a.h>\n", undefined],
  ["#if __has_include(NAME)\n", undefined],
  ["#define ASK __has_include\n", undefined],
  ['#embed "data"\n', undefined],
  ['#if __has_embed("data")\n', undefined],
  ["#import <a.h>\n", undefined],
  ["??=include <a.h>\n", undefined],
] as const) {
  test(`${JSON.stringify(text)} asks for ${names?.join(" ") ?? "what cannot be told"}`, () => {
    expect(shown(text)).toEqual(names);
  });
}

test("what depends on the time is told by its macros", () => {
  for (const name of ["__DATE__", "__TIME__", "__TIMESTAMP__"]) {
    expect(tellsTime(`char *x = ${name};`)).toBe(true);
  }
  expect(tellsTime("__FILE__ __LINE__ __COUNTER__")).toBe(false);
});

test("what makes the assembler read files is told, in C as well", () => {
  for (const text of ['.incbin "a"', 'asm(".include \\"a\\"");', '\t.incbin\t"a"']) {
    expect(readsMore(text)).toBe(true);
  }
  expect(readsMore("#include <a.h>\nint incbin;")).toBe(false);
});
