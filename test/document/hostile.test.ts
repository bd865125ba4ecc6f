import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";

import { type Diagnostic, type Span, renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { type Value, parseDocument, plainOf } from "../../src/document/document.ts";

function read(text: string): { value: Value | undefined; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const value = parseDocument({ path: "a.yaml", text }, (one) => diagnostics.push(one));
  return { value, diagnostics };
}

/** Every place in `value`. */
function placesIn(value: Value): Span[] {
  switch (value.kind) {
    case "scalar":
      return [value.at];
    case "list":
      return [value.at, ...value.items.flatMap(placesIn)];
    case "map":
      return [
        value.at,
        ...[...value.entries.values()].flatMap((entry) => [entry.keyAt, ...placesIn(entry.value)]),
      ];
  }
}

/** Reads `text`, and sees that all places are in it and all diagnostics can be printed. */
function check(text: string): void {
  const { value, diagnostics } = read(text);
  const spans = diagnostics.flatMap(({ at, related = [] }) => [
    at,
    ...related.map((one) => one.at),
  ]);
  for (const { start, end } of [
    ...spans.flatMap((at) => at ?? []),
    ...(value ? placesIn(value) : []),
  ]) {
    // One past the end is where something is missing.
    if (!(0 <= start && start <= end && end <= text.length + 1)) {
      throw new Error(`${start}..${end} is not in ${text.length}`);
    }
  }
  for (const diagnostic of diagnostics) {
    if (!renderDiagnostic(diagnostic).startsWith(diagnostic.severity)) throw new Error("not shown");
  }
  if (value === undefined) return;
  JSON.stringify(plainOf(value));
}

/** Ten of ten of ten …: a few lines that would be `10 ** levels` values. */
function laughs(levels: number): string {
  const lines = Array.from({ length: levels }, (_, i) => {
    return `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(", ")}]`;
  });
  return ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]", ...lines].join("\n");
}

const hostile: readonly (readonly [title: string, text: string, message: RegExp])[] = [
  ["lists in lists without end", "[".repeat(100_000), /more than 200 collections/],
  ["maps in maps without end", "{a: ".repeat(100_000), /more than 200 collections/],
  ["block lists in block lists without end", "- ".repeat(100_000), /more than 200 collections/],
  ["aliases that multiply", laughs(12), /aliases make this file too deep, or too large/],
  [
    "merged maps that multiply",
    laughs(12).replaceAll("[", "{<<: [").replaceAll("]", "]}"),
    /takes a map|aliases make this file too deep, or too large/,
  ],
  ["a file larger than any that is meant", " ".repeat(8 * 1024 * 1024 + 1), /larger than 8 MiB/],
];

test.each(hostile)("%s: the file is refused in a diagnostic", (_, text, message) => {
  const { value, diagnostics } = read(text);
  expect(value).toBe(undefined);
  expect(diagnostics.map((one) => one.message).join("\n")).toMatch(message);
  check(text);
});

test("aliases may make a file deeper, but not deeper than any that is meant", () => {
  const deep = `${"[".repeat(150)}${"]".repeat(150)}`;
  const { value, diagnostics } = read(`- &a ${deep}\n- ${deep.replace("[]", "[*a]")}\n`);
  expect(value).toBe(undefined);
  expect(diagnostics).toMatchObject([{ code: "yaml-syntax", severity: "error" }]);
});

test.each([
  "&a ",
  "!<",
  "? ",
  "'",
  '"',
  "|",
  "%",
  "- *a\n",
  "a:\n",
  "\t",
  "\u0000",
  "---\n",
  "&a *a ",
])("thousands of %j are read, or refused in diagnostics", (text) => check(text.repeat(5000)));

const pieces =
  "a|b: |- |\n|  |[|]|{|}|,|: |&x |*x|<<: |'|\"|>|#| |!!int |!t |~|1|0x1f|1e3|\r\n|\t|---|?|%|:|";
const piece = fc.constantFrom(...pieces.split("|"), "|");

test("whatever the text is, reading ends, and every place is in it", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), check), { numRuns: 500 });
  const yamlLike = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));
  fc.assert(fc.property(yamlLike, check), { numRuns: 2000 });
});

test("data that was written as YAML is read back", () => {
  const data = fc.jsonValue().filter((value) => value !== null);
  fc.assert(
    fc.property(data, (written) => {
      const { value, diagnostics } = read(stringify(written));
      expect(diagnostics).toEqual([]);
      expect(JSON.stringify(value && plainOf(value))).toBe(JSON.stringify(withTextOf(written)));
    }),
    { numRuns: 500 },
  );
});

/** `value`, with the numbers that are integers but not safe ones as the text that YAML has. */
function withTextOf(value: unknown): unknown {
  if (typeof value === "number") {
    const text = stringify(value).trim();
    return /^-?\d+$/.test(text) && !Number.isSafeInteger(value) ? text : value;
  }
  if (Array.isArray(value)) return value.map(withTextOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withTextOf(one)]));
}
