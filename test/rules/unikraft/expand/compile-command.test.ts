import { expect, test } from "vitest";

import { readCompileCommand } from "../../../../rules/unikraft/expand/compile-command.ts";

/** What `line` comes to, as one line for each of its steps; undefined when it is not understood. */
function apart(line: string): string | undefined {
  const command = readCompileCommand(line);
  if (command === undefined) return undefined;
  const { compiler, source, object, preprocess, compile } = command;
  expect(preprocess).toContain(source);
  const second = compile === undefined ? [] : [`${compile.join(" ")} -o ${object}`];
  return [`${compiler} ${preprocess.join(" ")}`, ...second].join("\n");
}

for (const [what, line, expected] of [
  [
    "gcc, with a macro, a directory and a flag",
    "gcc -I/kraft/core/include -DX=1 -O2 -c /kraft/app/a.c -o /kraft/build/a.o",
    "gcc -O2 -I /kraft/core/include -DX=1 /kraft/app/a.c\n-O2 -x cpp-output -o /kraft/build/a.o",
  ],
  ["clang", "clang -c a.c -o a.o", "clang a.c\n-x cpp-output -o a.o"],
  [
    "a cross compiler with a version and a path",
    "/usr/bin/aarch64-linux-gnu-gcc-12 -mcpu=cortex-a53 -c a.c -o a.o",
    "/usr/bin/aarch64-linux-gnu-gcc-12 -mcpu=cortex-a53 a.c\n-mcpu=cortex-a53 -x cpp-output -o a.o",
  ],
  ["g++", "g++ -c a.cc -o a.o", "g++ a.cc\n-x c++-cpp-output -o a.o"],
  ["clang++", "clang++-15 -c a.cpp -o a.o", "clang++-15 a.cpp\n-x c++-cpp-output -o a.o"],
  ["a compiler without a prefix", '""gcc -c a.c -o a.o', "gcc a.c\n-x cpp-output -o a.o"],
  [
    "assembly that is preprocessed, of which only the second step sees the assembler's options",
    "gcc -D__ASSEMBLY__ -Wa,--noexecstack -c a.S -o a.o",
    "gcc -D__ASSEMBLY__ a.S\n-Wa,--noexecstack -x assembler -o a.o",
  ],
  [
    "a linker script, for which preprocessing is all",
    "gcc -E -P -x assembler-with-cpp -U __linux__ -Iinc a.lds.S -o a.lds",
    "gcc -x assembler-with-cpp -P -U__linux__ -I inc a.lds.S",
  ],
  [
    "a source whose language is told",
    "gcc -x c -c a.inc -o a.o",
    "gcc -x c a.inc\n-x cpp-output -o a.o",
  ],
  [
    "the order that nobody writes",
    "gcc a.c -o a.o -O1 -c -DX",
    "gcc -O1 -DX a.c\n-O1 -x cpp-output -o a.o",
  ],
  [
    "headers that are included first",
    "gcc -include /kraft/core/first.h -imacros m.h -c a.c -o a.o",
    "gcc -include /kraft/core/first.h -imacros m.h a.c\n-x cpp-output -o a.o",
  ],
  [
    "a macro whose value is a path, which stays as it is",
    '"gcc" -D BASE=/kraft/core "-DTEXT=a b" -c a.c -o a.o',
    "gcc -DBASE=/kraft/core -DTEXT=a b a.c\n-x cpp-output -o a.o",
  ],
  [
    "depfiles, all of which our own replaces",
    "gcc -Wp,-MD,a.d -MMD -MF b.d -MT x -MQ y -MP -c a.c -o a.o",
    "gcc a.c\n-x cpp-output -o a.o",
  ],
  [
    "the most debug information, less the macros that would tie an object to every option",
    "gcc -g3 -ggdb3 -c a.c -o a.o",
    "gcc -g -ggdb a.c\n-g -ggdb -x cpp-output -o a.o",
  ],
  [
    "other debug information",
    "gcc -g1 -gdwarf-4 -c a.c -o a.o",
    "gcc -g1 -gdwarf-4 a.c\n-g1 -gdwarf-4 -x cpp-output -o a.o",
  ],
  [
    "options whose value is a word of its own",
    "clang -target aarch64-none-elf --param max-gcse=1 -c a.c -o a.o",
    "clang -target aarch64-none-elf --param max-gcse=1 a.c\n-target aarch64-none-elf --param max-gcse=1 -x cpp-output -o a.o",
  ],
] as const) {
  test(`understands ${what}`, () => {
    expect(apart(line)).toBe(expected);
  });
}

for (const [what, line] of [
  ["that links", "gcc a.o b.o -o a"],
  ["that links what it compiles", "gcc a.c -o a"],
  ["of two sources", "gcc -c a.c b.c -o a.o"],
  ["of no source", "gcc -c -o a.o"],
  ["that does not say where its output goes", "gcc -c a.c"],
  ["of assembly that needs no preprocessing", "gcc -c a.s -o a.o"],
  ["of a language that is not known", "gcc -c a.d -o a.o"],
  ["of another program", "ld -r a.o -o b.o"],
  ["behind another program", "ccache gcc -c a.c -o a.o"],
  ["behind another command", "cd x && gcc -c a.c -o a.o"],
  ["with a variable", "gcc $CFLAGS -c a.c -o a.o"],
  ["to assembly", "gcc -S a.c -o a.s"],
  ["with arguments from a file", "gcc @flags -c a.c -o a.o"],
  ["with a plug-in", "gcc -fplugin=x.so -c a.c -o a.o"],
  ["of a program that only ends like a compiler", "notgcc -c a.c -o a.o"],
] as const) {
  test(`does not take a call ${what} apart`, () => {
    expect(readCompileCommand(line)).toBeUndefined();
  });
}

test("directories are in the order in which compilers look there, not in that of the call", () => {
  const line =
    "gcc -idirafter last -isystem sys -I one -iquote quote -Itwo -isystemsys2 -c a.c -o a.o";
  expect(readCompileCommand(line)?.searchPath).toEqual([
    "quote",
    "one",
    "two",
    "sys",
    "sys2",
    "last",
  ]);
});
