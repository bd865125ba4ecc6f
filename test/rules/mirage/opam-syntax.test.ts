import fc from "fast-check";
import { expect, test } from "vitest";

import { readDuniverse } from "../../../rules/mirage/opam/lock-file.ts";
import { fieldsOf } from "../../../rules/mirage/opam/opam-syntax.ts";

test("fields are read through comments, braces and sections", () => {
  const fields = fieldsOf(`# a comment
opam-version: "2.0" (* and
another *)
depends: [
  "ocaml" {>= "4.14" & (< "5.4" | = "6")}
  "fmt" {= "0.9.0+dune" & ?vendor}
]
description: """
Says "hello".
"""
url { src: "https://example.org/x.tbz" }
x-quoted: "a \\"b\\" \\
   c"
`);
  expect(fields).toEqual(
    new Map([
      ["opam-version", { kind: "string", text: "2.0" }],
      [
        "depends",
        {
          kind: "list",
          items: [
            { kind: "string", text: "ocaml" },
            { kind: "string", text: "fmt" },
          ],
        },
      ],
      ["description", { kind: "string", text: '\nSays "hello".\n' }],
      ["x-quoted", { kind: "string", text: 'a "b" c' }],
    ]),
  );
});

test.each([
  ['a: "no end', "line 1: a string has no end"],
  ["a: [", "the file ends too early"],
  ["a:\n]", 'line 2: "]" is no value'],
])("%j is refused", (text, message) => {
  expect(fieldsOf(text)).toBe(message);
});

test("sources are given in the order of their directories, with their checksums", () => {
  const text = `x-opam-monorepo-version: "0.3"
x-opam-monorepo-duniverse-dirs: [
  ["git+https://example.org/b.git#${"a".repeat(40)}" "b"]
  ["https://example.org/a.tbz" "a" ["md5=12" "sha512=34"]]
]`;
  expect(readDuniverse(text, "x.locked")).toEqual([
    { url: "https://example.org/a.tbz", directory: "a", checksums: ["md5:12", "sha512:34"] },
    { url: `git+https://example.org/b.git#${"a".repeat(40)}`, directory: "b", checksums: [] },
  ]);
});

test.each([
  ['opam-version: "2.0"', "x.locked is no lock file of opam-monorepo"],
  [`${header("")}["u" "a/b"]]`, 'x.locked: "a/b" is no name for a directory'],
  [`${header("")}["u" ".."]]`, 'x.locked: ".." is no name for a directory'],
  [`${header("")}["u"]]`, "x.locked: an entry of the duniverse is an address and a directory"],
  [`${header("")}["u" "a"] ["v" "a"]]`, "x.locked has two sources for the directory a"],
])("%j is no lock file", (text, message) => {
  expect(() => readDuniverse(text, "x.locked")).toThrow(message);
});

function header(more: string): string {
  return `x-opam-monorepo-version: "0.3"\n${more}x-opam-monorepo-duniverse-dirs: [`;
}

test("no text takes the reader down, or for long", () => {
  const piece = fc.constantFrom(
    '"',
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ":",
    "a",
    "\\",
    "\n",
    "#",
    "(*",
    " ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const fields = fieldsOf(pieces.join(""));
      expect(typeof fields === "string" || fields instanceof Map).toBe(true);
    }),
    { numRuns: 500 },
  );
});
