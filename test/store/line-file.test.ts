import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";

import { readLines, writeLines } from "../../src/store/line-file.ts";

function file(): string {
  const directory = mkdtempSync(join(tmpdir(), "lines-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "file");
}

/** The lines in `path`, and what is behind them. */
function linesIn(path: string): [lines: string[], rest: string] {
  const lines: string[] = [];
  const rest = readLines(path, (line) => lines.push(line));
  return [lines, rest];
}

test("lines are read as they were written, whatever their length", () => {
  const path = file();
  const line = fc.oneof(
    fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", "")),
    // Longer than a piece, of characters that fall across its end.
    fc.integer({ min: 0, max: 50_000 }).map((length) => "ä€".repeat(length)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      writeLines(path, lines);
      expect(readFileSync(path, "utf8")).toBe(lines.map((one) => `${one}\n`).join(""));
      expect(linesIn(path)).toEqual([lines, ""]);
    }),
    { numRuns: 40 },
  );
});

test("what is behind the last line is told apart from it", () => {
  const path = file();
  writeFileSync(path, "one\n\ntwo\nhal");
  expect(linesIn(path)).toEqual([["one", "", "two"], "hal"]);
  appendFileSync(path, "f\n");
  expect(linesIn(path)).toEqual([["one", "", "two", "half"], ""]);
});

test("a file that is not there is an error of Node's", () => {
  expect(() => linesIn(file())).toThrow("ENOENT");
});
