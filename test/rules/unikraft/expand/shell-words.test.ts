import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";

import { shellWords } from "../../../../rules/unikraft/expand/shell-words.ts";

/** One of the characters of `text`. */
function oneOf(text: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(text));
}

/** A piece of a word, as it is written, whatever quotes it. */
const piece = fc.oneof(
  fc.string({ unit: oneOf("abz09./_-+=,:@%^"), minLength: 1, maxLength: 6 }),
  fc
    .string({ unit: oneOf('ab \t"\\$`|&;<>()*?[]#~{}!é'), maxLength: 6 })
    .map((text) => `'${text}'`),
  fc
    .array(
      fc.constantFrom(...Array.from("ab '|&;<>()*?[]#~{}!é"), '\\"', "\\\\", "\\$", "\\`", "\\a"),
      {
        maxLength: 6,
      },
    )
    .map((parts) => `"${parts.join("")}"`),
  oneOf("ab \"'\\$`|&;<>()*?[]#~{}!").map((char) => `\\${char}`),
);

const word = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));

/** The words of `line` as `sh` has them, behind one that is a program. */
function wordsOfShell(line: string): string[] {
  const output = execFileSync("sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
  return output.split("\0").slice(0, -1);
}

test("words are those that sh makes of the line", () => {
  const lines = fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), {
    minLength: 20,
    maxLength: 20,
  });
  fc.assert(
    fc.property(lines, (all) => {
      // One shell for many lines, as starting it is what takes long.
      const texts = all.map((words) => words.join(" "));
      const printed = wordsOfShell(texts.map((text) => `${text} ---`).join(" "));
      const expected = texts.map((text) => {
        const words = shellWords(`program ${text}`);
        expect(words, text).toBeDefined();
        return [...(words ?? []).slice(1), "---"];
      });
      expect(printed).toEqual(expected.flat());
    }),
    { numRuns: 25 },
  );
});

for (const [what, line] of [
  ["a pipe", "gcc a | b"],
  ["another command", "gcc a; b"],
  ["a condition", "gcc a && b"],
  ["the background", "gcc a & b"],
  ["a redirection", "gcc a > b"],
  ["a here-document", "gcc <<x"],
  ["a variable", "gcc $CFLAGS"],
  ["a variable in quotes", 'gcc "$CFLAGS"'],
  ["a substitution", "gcc `pwd`"],
  ["a substitution in quotes", 'gcc "$(pwd)"'],
  ["a pattern", "gcc *.c"],
  ["a home directory", "gcc ~/a.c"],
  ["braces", "gcc {a,b}.c"],
  ["a subshell", "(gcc a)"],
  ["a comment", "gcc a #b"],
  ["an open quotation", "gcc 'a"],
  ["an open quotation in double quotes", 'gcc "a'],
  ["a backslash at its end", "gcc a\\"],
  ["an assignment", "A=b gcc a"],
] as const) {
  test(`a line with ${what} has no words that can be told without a shell`, () => {
    expect(shellWords(line)).toBeUndefined();
  });
}

test("an empty line is no command", () => {
  expect(shellWords("")).toBeUndefined();
  expect(shellWords(" \t ")).toBeUndefined();
});

test("an empty word is one, as in the name of a tool without a prefix", () => {
  expect(shellWords(`""gcc '' -c`)).toEqual(["gcc", "", "-c"]);
});
