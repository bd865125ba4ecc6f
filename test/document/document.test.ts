import { expect, test } from "vitest";

import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { type Value, parseDocument, plainOf } from "../../src/document/document.ts";

/** What `text` reads to: the value, as plain data, and what is printed. */
function read(text: string): { value: Value | undefined; plain: unknown; printed: string } {
  const printed: string[] = [];
  const value = parseDocument({ path: "a.yaml", text }, (diagnostic) => {
    printed.push(renderDiagnostic(diagnostic));
  });
  return { value, plain: value && plainOf(value), printed: printed.join("\n") };
}

const plainCases: readonly (readonly [title: string, text: string, plain: unknown])[] = [
  ["a file without a word is no value", "", undefined],
  ["comments alone are no value", "# only this\n", undefined],
  [
    "plain scalars are typed as YAML 1.2 has them",
    "[1, 1.5, true, no, ~, x]",
    [1, 1.5, true, "no", null, "x"],
  ],
  ["quoted scalars are text", `['1', "true", '']`, ["1", "true", ""]],
  ["hexadecimal and octal integers are numbers", "[0x1F, 0o17]", [31, 15]],
  ["integers beyond doubles keep their text", "a: 9007199254740993", { a: "9007199254740993" }],
  ["integers beyond all doubles keep their text", `a: ${"9".repeat(400)}`, { a: "9".repeat(400) }],
  ["a byte order mark is not part of the first key", "\uFEFFa: 1", { a: 1 }],
  ["lines may end with CRLF", "a: 1\r\nb:\r\n  - x\r\n", { a: 1, b: ["x"] }],
  ["`---` may start a file", "---\na: 1\n", { a: 1 }],
  ["a `%YAML` directive changes nothing", "%YAML 1.1\n---\na: yes\n", { a: "yes" }],
  [
    "block scalars keep or fold their lines",
    "a: |\n  x\n  y\nb: >-\n  z\n  w\n",
    {
      a: "x\ny\n",
      b: "z w",
    },
  ],
  [
    "keys are text, whatever they look like",
    "1: a\ntrue: b\n~: c\n",
    { 1: "a", true: "b", "~": "c" },
  ],
  ["aliases stand for what they name", "a: &x [1]\nb: *x\n", { a: [1], b: [1] }],
  ["an alias names the last anchor above it", "- &x 1\n- *x\n- &x 2\n- *x\n", [1, 1, 2, 2]],
  ["an alias can be a key", "a: &x k\nb:\n  *x : 1\n", { a: "k", b: { k: 1 } }],
  [
    "`<<` takes in the keys that a map has not itself",
    "a: &a {k: 1, l: 2}\nb: {<<: *a, k: 3}\n",
    {
      a: { k: 1, l: 2 },
      b: { k: 3, l: 2 },
    },
  ],
  ["of several maps in `<<`, the first wins", "<<: [{a: 1}, {a: 2, b: 3}]\n", { a: 1, b: 3 }],
  ["a quoted `<<` is a key like any other", '"<<": 1\n', { "<<": 1 }],
  ["tags are passed over", "a: !!binary xx\nb: !mine y\n", { a: "xx", b: "y" }],
];

test.each(plainCases)("%s", (_, text, plain) => {
  expect(read(text)).toMatchObject({ plain, printed: "" });
});

test("keys of JavaScript's own are keys like any other", () => {
  const { plain } = read("__proto__: {polluted: 1}\nconstructor: 2\n");
  expect(Object.keys(plain as object)).toEqual(["__proto__", "constructor"]);
  expect(({} as Record<string, unknown>)["polluted"]).toBe(undefined);
});

test("scalars keep their text, and tell whether they were quoted", () => {
  const { value } = read("[1.10, '1.10']");
  expect(value?.kind === "list" && value.items).toMatchObject([
    { value: 1.1, text: "1.10", isQuoted: false },
    { value: "1.10", text: "1.10", isQuoted: true },
  ]);
});

test("a value's place is its own text, without the space behind it", () => {
  const text = "a:\n  b: c\n\n# more\nd: [ 1 ]  \n";
  const { value } = read(text);
  const entries = value?.kind === "map" ? [...value.entries.values()] : [];
  const places = entries.flatMap(({ keyAt, value: { at } }) => [keyAt, at]);
  expect(places.map(({ start, end }) => text.slice(start, end))).toEqual([
    "a",
    "b: c",
    "d",
    "[ 1 ]",
  ]);
});

const mistakes: readonly (readonly [title: string, text: string, printed: string])[] = [
  [
    "a key that stands again is a warning, and the last one counts",
    "a: 1\r\nb: 2\r\na: 3\r\n",
    `warning[duplicate-key]: "a" stands here again; the last one counts
 --> a.yaml:3:1
  |
3 | a: 3
  | ^
note: first here
 --> a.yaml:1:1
  |
1 | a: 1
  | ^`,
  ],
  [
    "a syntax error is shown where it is",
    "a: 'x\n",
    `error[yaml-syntax]: missing closing 'quote
 --> a.yaml:2:1
  |
2 | 
  | ^`,
  ],
  [
    "a second document is refused",
    "a: 1\n---\nb: 2\n",
    `error[yaml-syntax]: only one document may stand in a file
 --> a.yaml:2:1
  |
2 | ---
  | ^^^`,
  ],
  [
    "a key that is a list is refused, and the others are read",
    "? [a]\n: 1\nb: 2\n",
    `error[yaml-syntax]: a key must be text
 --> a.yaml:1:3
  |
1 | ? [a]
  |   ^^^`,
  ],
  [
    "an alias to nothing is shown",
    "a: *x\n",
    `error[yaml-syntax]: there is no anchor "&x" above this alias
 --> a.yaml:1:4
  |
1 | a: *x
  |    ^^`,
  ],
  [
    "an alias inside what it names is shown",
    "a: &x [*x]\n",
    `error[yaml-syntax]: the alias "*x" stands inside what it names
 --> a.yaml:1:8
  |
1 | a: &x [*x]
  |        ^^`,
  ],
  [
    "`<<` takes nothing but maps",
    "<<: 3\nb: 1\n",
    `error[yaml-syntax]: \`<<\` takes a map, or a list of maps
 --> a.yaml:1:5
  |
1 | <<: 3
  |     ^`,
  ],
];

test.each(mistakes)("%s", (_, text, printed) => {
  expect(read(text).printed).toBe(printed);
});

test("after a mistake, the rest of the file is read", () => {
  expect(read("? [a]\n: 1\nb: 2\n").plain).toEqual({ b: 2 });
  expect(read("a: *x\nb: 2\n").plain).toEqual({ a: null, b: 2 });
});

test("the first hundred mistakes are shown, and one that stands for the others", () => {
  const { printed } = read("- *a\n".repeat(250));
  expect(printed.match(/^error/gm)).toHaveLength(101);
  expect(printed.endsWith("= help: 150 mistakes from here on are not shown one by one")).toBe(true);
});
