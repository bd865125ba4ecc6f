import { assert, constant, dictionary, oneof, property, string, stringMatching } from "fast-check";
import { expect, test } from "vitest";

import type { NixValue } from "../../../rules/bunny/nix/nix-value.ts";
import { parseNix } from "../../../rules/bunny/nix/parse-nix.ts";
import { renderDiagnostic } from "../../../src/diagnostic/diagnostic.ts";

/** What `text` is, as plain data; or what is printed. */
function read(text: string): unknown {
  const printed: string[] = [];
  const value = parseNix({ path: "args.nix", text }, (one) => {
    printed.push(renderDiagnostic(one));
  });
  return value === undefined ? printed.join("\n") : plain(value);
}

function plain(value: NixValue): unknown {
  if (value.kind === "list") return value.items.map(plain);
  if (value.kind !== "set") return value.text;
  return Object.fromEntries([...value.entries].map(([name, entry]) => [name, plain(entry.value)]));
}

test("sets, lists, literals and comments are read", () => {
  const text = `# first
rec { /* a
comment */ a = "x"; "./b c" = [ 1 true "y" ]; c-d' = ./path/x; e = { }; # last
}`;
  expect(read(text)).toEqual({
    a: "x",
    "./b c": ["1", "true", "y"],
    "c-d'": "./path/x",
    e: {},
  });
});

test.each([
  [String.raw`"a\n\t\r\\\"\${b}$$c$"`, 'a\n\t\r\\"${b}$$c$'],
  ['"two\nlines"', "two\nlines"],
  ["''\n    one\n      two\n  ''", "one\n  two\n"],
  ["''a''", "a"],
  ["''\n  ''${x} ''' ''\\n $${y}''", "${x} '' \n $${y}"],
  ["''  a\n   b''", "a\n b"],
  ["''\n\n  a\n''", "\na\n"],
])("the string %j is %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test("what only Nix can know is told", () => {
  const texts = [
    "{ pkgs }: { }",
    "pkgs: { }",
    "let a = 1; in a",
    "{ inherit a; }",
    '{ a = "${b}"; }',
    '{ a = "b" + "c"; }',
    "{ a.b = 1; }",
    "{ a = 1; a = 2; }",
    "{ a = 1 }",
    '{ a = "b; }',
    "/* never",
    "",
  ];
  expect(texts.map(read).join("\n\n")).toMatchInlineSnapshot(`
    "error[nix-syntax]: expected \`=\`, and this is \`}\`
     --> args.nix:1:8
      |
    1 | { pkgs }: { }
      |        ^

    error[nix-syntax]: expected a value, and this is \`pkgs\`, which only Nix can know
     --> args.nix:1:1
      |
    1 | pkgs: { }
      | ^^^^
      = help: a set of names and texts is all that may stand here

    error[nix-syntax]: expected a value, and this is \`let\`, which only Nix can know
     --> args.nix:1:1
      |
    1 | let a = 1; in a
      | ^^^
      = help: a set of names and texts is all that may stand here

    error[nix-syntax]: expected a value, and this is \`inherit\`, which only Nix can carry out
     --> args.nix:1:3
      |
    1 | { inherit a; }
      |   ^^^^^^^
      = help: a set of names and texts is all that may stand here

    error[nix-syntax]: what stands in \${…} is known to Nix alone
     --> args.nix:1:8
      |
    1 | { a = "\${b}"; }
      |        ^^
      = help: write the value itself; a dollar alone needs no escape

    error[nix-syntax]: expected a value, and this is \`+\`, which only Nix can carry out
     --> args.nix:1:11
      |
    1 | { a = "b" + "c"; }
      |           ^
      = help: a set of names and texts is all that may stand here

    error[nix-syntax]: names with dots are not read here
     --> args.nix:1:3
      |
    1 | { a.b = 1; }
      |   ^^^
      = help: write { a = { b = …; }; } in place of a.b

    error[nix-syntax]: "a" stands twice in this set
     --> args.nix:1:10
      |
    1 | { a = 1; a = 2; }
      |          ^
      = help: Nix refuses it as well

    error[nix-syntax]: expected \`;\`, and this is \`}\`
     --> args.nix:1:9
      |
    1 | { a = 1 }
      |         ^

    error[nix-syntax]: this string does not end
     --> args.nix:1:7
      |
    1 | { a = "b; }
      |       ^

    error[nix-syntax]: this comment does not end
     --> args.nix:1:1
      |
    1 | /* never
      | ^^

    error[nix-syntax]: expected a value, and this is the end of the file
     --> args.nix:1:1
      |
    1 | 
      | ^
      = help: a set of names and texts is all that may stand here"
  `);
});

test("sets in sets without end are refused", () => {
  expect(read("{ a = ".repeat(5000))).toMatch(/^error\[nix-syntax\]: more than 100 sets and lists/);
  expect(read("[".repeat(100_000))).toMatch(/more than 100 sets and lists/);
  expect(read(`"${"a".repeat(2 << 20)}"`)).toMatch(/larger than 1 MiB/);
});

test("whatever a file holds, reading it ends, and tells of at most one mistake", () => {
  const pieces = ["{", "}", "[", "]", "=", ";", '"', "''", "a", "./b", "${", "\\", "\n", "/*", "#"];
  const piece = oneof(...pieces.map((one) => constant(one)), string({ maxLength: 3 }));
  assert(
    property(dictionary(string(), piece), (parts) => {
      let count = 0;
      const text = Object.entries(parts).flat().join(" ");
      const value = parseNix({ path: "args.nix", text }, ({ code, at }) => {
        count++;
        expect(code).toBe("nix-syntax");
        expect(at?.start).toBeLessThanOrEqual(text.length);
      });
      expect(count).toBe(value === undefined ? 1 : 0);
    }),
    { numRuns: 2000 },
  );
});

test("every text comes back from the string that it is written as", () => {
  const written = (text: string): string =>
    `"${text.replaceAll(/[\\"]|\$(?=\{)/g, (one) => `\\${one}`).replaceAll("\r", "\\r")}"`;
  const texts = oneof(string(), stringMatching(/^[$\\{"'\n a]*$/));
  assert(
    property(texts, (text) => {
      expect(read(`{ a = ${written(text)}; }`)).toEqual({ a: text });
    }),
    { numRuns: 2000 },
  );
});
