import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { diagnosticCodes } from "../../src/diagnostic/codes.ts";

const root = join(import.meta.dirname, "../..");

/** The files below `folder` that end in `.ts`, but this one. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("codes.test.ts"))
    .map((file) => readFileSync(join(root, folder, file), "utf8"));
}

test("no code is twice in the list", () => {
  expect([...new Set(diagnosticCodes)]).toEqual(diagnosticCodes);
});

test("docs/diagnostics.md has one heading for every code, and none for anything else", () => {
  const headings = sections().map((section) => section.split("\n", 1)[0] ?? "");
  expect(diagnosticCodes.filter((code) => !headings.includes(code))).toEqual([]);
  const codes: readonly string[] = diagnosticCodes;
  expect(headings.filter((heading) => !codes.includes(heading))).toEqual([]);
  expect([...new Set(headings)]).toEqual(headings);
});

test("every code has an explanation under its heading", () => {
  const empty = sections().filter((section) => !/\n\n\S/.test(section));
  expect(empty).toEqual([]);
});

test("every code is printed in what some test expects", () => {
  const tests = sourcesBelow("test").join("\n");
  expect(diagnosticCodes.filter((code) => !tests.includes(`[${code}]`))).toEqual([]);
});

test("every code is given somewhere in the engine or its rule sets", () => {
  const sources = ["src", "rules"].flatMap(sourcesBelow).filter((one) => !isList(one));
  const given = sources.join("\n");
  expect(diagnosticCodes.filter((code) => !given.includes(`"${code}"`))).toEqual([]);
});

/** Whether `source` is the list of codes itself. */
function isList(source: string): boolean {
  return source.includes("export const diagnosticCodes");
}

/** What stands under each heading of the page, with the heading. */
function sections(): string[] {
  const text = readFileSync(join(root, "docs/diagnostics.md"), "utf8");
  return text.split(/^## /m).slice(1);
}
