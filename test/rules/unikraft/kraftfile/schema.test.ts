import { expect, test } from "vitest";

import { rightFiles } from "./right-files.ts";
import { isValidFile } from "./schema-rig.ts";
import { wrongFiles } from "./wrong-files.ts";

/** What a schema cannot see: the disk, what a variable comes to, two things that are one. */
const beyondSchemas = new Set([
  "a source that is not there cannot stand beside a version",
  "two targets cannot be told apart by their options",
  "a dollar sign must begin a variable",
  "a required variable is missing",
  "a quote in `cmd` must be closed",
  "a reference that git would take for an option is refused",
  "the names of runtimes are in lower case",
  "a runtime with two tags is refused",
]);

test.each(rightFiles)("the schema takes a Kraftfile with $title", ({ text }) => {
  expect(isValidFile(text)).toBe(true);
});

test.each(wrongFiles)("the schema agrees: $title", ({ title, text, isError }) => {
  expect(isValidFile(text)).toBe(!isError || beyondSchemas.has(title));
});

test("what is beyond schemas is among the mistakes", () => {
  const titles = wrongFiles.map(({ title }) => title);
  expect([...beyondSchemas].filter((title) => !titles.includes(title))).toEqual([]);
});
