import fc from "fast-check";
import { expect, test } from "vitest";

import { alwaysQuoted, quoteArgument, splitArguments } from "../../src/machine/kernel-argument.ts";

test.each([
  ["plain", "plain"],
  ["two words", '"two words"'],
  ['say "hi"', '"say \\"hi\\""'],
  ["it's", '"it\'s"'],
  ["back\\slash", '"back\\\\slash"'],
  ["non\u00a0breaking", "non\u00a0breaking"],
])("%s is written as the kernel reads it", (argument, text) => {
  expect(quoteArgument(argument)).toBe(text);
});

// What uk_argnparse of v0.17.0, compiled for the host, gave for these texts.
test.each<[string, string[] | undefined]>([
  ["a  b\tc", ["a", "b", "c"]],
  ['a"b c"d', ["ab cd"]],
  [`'a "b" \\c'`, ['a "b" \\c']],
  ['"a\\nb"', ["a\\nb"]],
  ["a\\ b", ["a b"]],
  ['a "" b', ["a", "b"]],
  ["a\\\\b", ["a\\b"]],
  ['a "b', undefined],
])("the kernel splits %j", (text, words) => {
  expect(splitArguments(text)).toEqual(words);
});

test("whatever is quoted is read as it was", () => {
  const characters = fc.constantFrom("a", " ", "\t", '"', "'", "\\", "=", "[", "]", "é");
  const argument = fc.string({ unit: characters, minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(argument), (list) => {
      expect(splitArguments(list.map(quoteArgument).join(" "))).toEqual(list);
      expect(splitArguments(list.map(alwaysQuoted).join(" "))).toEqual(list);
    }),
  );
});
