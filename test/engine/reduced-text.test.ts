import { expect, test } from "vitest";

import { reducedText } from "../../src/engine/reduced-text.ts";
import { compileRig } from "./compile-rig.ts";
import { outs, rule } from "./execution-rig.ts";

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join("");

const reduced = (...all: string[]): string =>
  reducedText(lines(...all), (file) => file === "made.h");

test("a plain prototype that nothing names is left out, and lines keep their numbers", () => {
  const text = reduced(
    '# 1 "a.c"',
    "long used_f(long a);",
    "long unused_f(long a, const char *b);",
    "extern void unused_g(void);",
    "int main(void) { return used_f(1); }",
  );
  expect(text).toBe(
    lines('# 1 "a.c"', "long used_f(long a);", "", "", "int main(void) { return used_f(1); }"),
  );
});

test("a gap of more lines than compilers leave empty becomes a marker with the flags of its file", () => {
  const gap = Array.from({ length: 9 }, (_, i) => `int unused_${i}(int);`);
  const text = reduced('# 1 "a.h" 1 3 4', "int a;", ...gap, "int b;", '# 2 "a.c" 2', "int c;");
  expect(text).toBe(
    lines('# 1 "a.h" 1 3 4', "int a;", '# 11 "a.h" 3 4', "int b;", '# 2 "a.c" 2', "int c;"),
  );
});

test("prototypes of a generated file are on the same line, however many there are", () => {
  const withOthers = reduced(
    '# 1 "made.h" 1',
    "long other_a(long a);",
    '# 30 "made.h"',
    "long used_f(long a);",
    '# 2 "a.c" 2',
    "long x = used_f;",
  );
  const alone = reduced(
    '# 1 "made.h" 1',
    '# 16 "made.h"',
    "long used_f(long a);",
    '# 2 "a.c" 2',
    "long x = used_f;",
  );
  expect(withOthers).toBe(alone);
  expect(alone).toContain('1 "made.h" 1\nlong used_f');
});

test("what else is in a generated file stays on its line", () => {
  const text = reduced('# 1 "made.h" 1', "int used_f(int);", "int used_g = sizeof used_f;");
  expect(text).toBe(lines('# 1 "made.h" 1', "int used_f(int);", "int used_g = sizeof used_f;"));
});

for (const [what, ...text] of [
  ["is named in a string, such as of assembly", "int a_f(int);", 'asm("call a_f");'],
  ["is declared twice, as they may differ", "int a_f(int);", "int a_f(long);"],
  ["is named by a pragma", "#pragma weak a_f", "int x;", "int a_f(int);"],
  ["follows a pragma, which may be about it", "#pragma omp declare simd", "int a_f(int);"],
  ["is where something else has begun", "static", "int a_f(int);"],
  ["has an attribute", "__attribute__((const)) int a_f(int);"],
  ["has a type that must be known", "int a_f(size_t);"],
  ["mentions a struct, which is thereby known", "int a_f(struct s *);"],
  ["has two parameters of a name, which is wrong", "int a_f(int a, int a);"],
  ["has a parameter of no type", "int a_f(void, int);"],
  ["has a keyword for a name", "int a_f(int const);"],
  ["takes anything", "int a_f();"],
  ["takes more than it says", "int a_f(int, ...);"],
  ["has a body", "int a_f(int a) { return a; }"],
  ["may be one that compilers know", "int puts(const char *);"],
  ["may be one that compilers know by two words", "int puts_unlocked(const char *);"],
  ["is of the compiler itself", "int __a_f(int);"],
] as const) {
  test(`a prototype stays that ${what}`, () => {
    const whole = lines('# 1 "a.c"', ...text);
    expect(reducedText(whole, () => false)).toBe(whole);
  });
}

for (const [what, line] of [
  ["strings that go on over lines", 'const char *s = R"(;\nint a_f(int);\n)";'],
  ["names spelled by numbers", "int \\u00e4;\nint a_f(int);"],
] as const) {
  test(`a text with ${what} is left alone`, () => {
    const whole = lines('# 1 "a.c"', line);
    expect(reducedText(whole, () => true)).toBe(whole);
  });
}

test("a text without an end of its last line gets none", () => {
  expect(reducedText('# 1 "a.c"\nint a;', () => true)).toBe('# 1 "a.c"\nint a;');
});

const main = "#include <made.h>\nlong main(void) { return used_f(1); }\n";

test("a function that others provide makes no other object, one that is called does", async () => {
  const files = { "app/main.c": main, "one/made.h": "long used_f(long a);\n" };
  const { write, build } = compileRig(files, { flags: ["-O2"] });
  expect(await build()).toBe("compiled");
  write("one/made.h", "long used_f(long a);\nlong other_f(long a);\n");
  expect(await build()).toBe("preprocessed");
  write("one/made.h", "int used_f(int a);\nlong other_f(long a);\n");
  expect(await build()).toBe("compiled");
});

test("comments that are left in are left alone", async () => {
  const files = { "app/main.c": main, "one/made.h": "long used_f(long a);\n" };
  const { write, build } = compileRig(files, { flags: ["-C"] });
  await build();
  write("one/made.h", "long used_f(long a);\nlong other_f(long a);\n");
  expect(await build()).toBe("compiled");
});

test("where a function is in a generated header makes no other object", async () => {
  const files = { "app/main.c": main, "one/seed": "long used_f(long a);\n" };
  const { write, build } = compileRig(files, {
    flags: ["-g"],
    searchPath: ["build/gen", "one"],
    more: { inputs: ["app", "one", `${outs}/gen/made.h`] },
    others: [rule("out/gen/made.h: one/seed")],
  });
  expect(await build()).toBe("compiled");
  write("one/seed", "long other_f(long a);\n\nlong used_f(long a);\n");
  expect(await build()).toBe("preprocessed");
});
