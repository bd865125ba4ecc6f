import fc from "fast-check";
import { expect, test } from "vitest";

import { type Value, parseWhole } from "../../src/document/document.ts";
import { readSimple } from "../../src/document/simple-reader.ts";

/** What the library reads `text` to, and how many mistakes it finds. */
function readWhole(text: string): { value: Value | undefined; mistakes: number } {
  let mistakes = 0;
  const value = parseWhole({ path: "a.yaml", text }, () => mistakes++);
  return { value, mistakes };
}

function expectTheSame(text: string): boolean {
  const simple = readSimple({ path: "a.yaml", text });
  if (simple === undefined) return false;
  const whole = readWhole(text);
  expect(simple, text).toEqual(whole.value);
  expect(orderOf(simple)).toEqual(orderOf(whole.value));
  expect(whole.mistakes, text).toBe(0);
  return true;
}

/** The keys of all maps as they come, which equality of maps leaves open. */
function orderOf(value: Value | undefined): unknown {
  if (value?.kind === "list") return value.items.map(orderOf);
  if (value?.kind !== "map") return undefined;
  return [...value.entries].map(([key, entry]) => [key, orderOf(entry.value)]);
}

const scalar = fc.oneof(
  fc.constantFrom("a", "true", "false", "null", "Null", "TRUE", "0", "10", "010", "1.5", "1e3"),
  fc.constantFrom("0x1F", "~", "yes", "//p:n", ":f.txt", "a:b", "a: b", "a #b", "a#b", "x y  z"),
  fc.constantFrom('"q"', "'q'", '"a: b"', "'#'", '"\\n"', "'it''s'", '""', "''", "*x", "&x 1"),
  fc.constantFrom("cksum $SRCS > $OUT", "a, b", "[", "]", "{a: 1}", "!t x", "|", ">-", "- a", "-x"),
  fc.constantFrom("[]", "[ ]", "[a]", "[a, b]", '["//p:n",":f"]', "[a, ]", "[a: b]", "[a:]", "[1]"),
  fc.constantFrom("[//p:n, ./x, $(x)]", "[:a]", "[a,b]", "[a b]", "['x' , y]", "./a", "../a", ".5"),
  fc.constantFrom("{}", "{ }", "{a: b, c: 'd'}", "{a: ./x,b: 1 }", "{a: 1, a: 2}", "{a: b c}"),
  fc.constantFrom("{a:b}", "{a: }", "{a: b, }", "{a}", "{a: b]", "[a}", "{a: b} c", "{a: b: c}"),
  fc.constantFrom("999999999999999999", "-1", "+1", "a\\b", "é", "a\tb", "%a", "@a", "`a", "? a"),
);
const key = fc.constantFrom("a", "b", "name", "x-y", "true", "a.b", "<<", "1", '"a"', "a b");
const line = fc.oneof(
  fc.tuple(key, scalar).map(([name, value]) => `${name}: ${value}`),
  key.map((name) => `${name}:`),
  fc.tuple(key, scalar).map(([name, value]) => `- ${name}: ${value}`),
  scalar.map((value) => `- ${value}`),
  fc.constantFrom("", "# a", "-", "---", "...", "a", "a:  1", "a: 1 ", "a: 1 # b", "  ", "- - a"),
);
const lines = fc.array(fc.tuple(fc.constantFrom(0, 0, 2, 2, 4, 1), line), { maxLength: 7 });
const text = fc
  .tuple(
    fc.constantFrom("", "", "---\n", "# a\n---\n"),
    lines,
    fc.constantFrom("\n", "\n", "\r\n", "\n\n"),
    fc.constantFrom("\n", "", " "),
  )
  .map(([begin, all, end, last]) => {
    return begin + all.map(([indent, one]) => " ".repeat(indent) + one).join(end) + last;
  });

test("whatever it reads, the library reads alike, with the same places and without a mistake", () => {
  fc.assert(
    fc.property(text, (one) => void expectTheSame(one)),
    { numRuns: 3_000 },
  );
});

const node: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("a", "true", "12", '"x: y"', "[a, 'b']", "do $IT > x"),
    fc.dictionary(fc.stringMatching(/^[a-z_][a-z.-]{0,3}$/), tie("node"), {
      minKeys: 1,
      maxKeys: 3,
    }),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
  ),
})).node;

/** `value` as files have it, with comments and empty lines in between. */
function written(value: unknown, indent: string): string {
  if (typeof value === "string") return ` ${value}\n`;
  if (Array.isArray(value)) {
    const items = value.map((one) =>
      typeof one === "string"
        ? `${indent}-${written(one, "")}`
        : `${indent}- ${inItem(one, indent)}`,
    );
    return `\n${items.join("\n")}`;
  }
  const entries = Object.entries(value as object).map(
    ([name, one]) => `${indent}${name}:${written(one, `${indent}  `)}`,
  );
  return `\n${entries.join("# a comment\n\n")}`;
}

/** A map begins behind the dash; a list in a list stands in brackets, as it would be unusual. */
function inItem(value: unknown, indent: string): string {
  if (Array.isArray(value)) return "[a, b]\n";
  return written(value, `${indent}  `).trimStart();
}

test("it reads what is written in the usual way, alike", () => {
  const whole = fc.oneof(
    fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), node, { minKeys: 1, maxKeys: 3 }),
    fc.array(node, { minLength: 1, maxLength: 3 }),
  );
  fc.assert(
    fc.property(whole, (one) => {
      const file = written(one, "").slice(1);
      expect(expectTheSame(file), file).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("a build file with comments and empty lines is read alike", () => {
  const file = `# What is here.

version: 1
targets:
  - name: a
# In the first column.
    rule: exec

  - name: b
`;
  expect(expectTheSame(file)).toBe(true);
});

test("settings in braces, and what begins as a document, are read alike", () => {
  const file = "---\nversion: 1\ncomponents: {unikraft: ./unikraft, 'lib': x}\n";
  expect(expectTheSame(file)).toBe(false);
  expect(expectTheSame(file.replace(", 'lib': x", ', lib: "x"'))).toBe(true);
  expect(expectTheSame("---\nspecification: '0.5'\nunikraft: {}\ntargets:\n  - {a: 1}\n")).toBe(
    true,
  );
});

test("a file of eight million characters on one line is read, or left, without harm", () => {
  expect(expectTheSame(`a: ${"x".repeat(8_000_000)}\n`)).toBe(true);
  expect(readSimple({ path: "a.yaml", text: `a: [${"x:".repeat(4_000_000)}` })).toBeUndefined();
  expect(readSimple({ path: "a.yaml", text: `a: "${"x".repeat(8_000_000)}` })).toBeUndefined();
});
