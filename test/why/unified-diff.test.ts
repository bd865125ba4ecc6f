import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { editsOf } from "../../src/why/line-edit.ts";
import { unifiedDiff } from "../../src/why/unified-diff.ts";

const line = fc.constantFrom("a", "b", "c", "d");

test("the edits of two lists give both of them, and are as few as can be", () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(line), (before, after) => {
      const edits = editsOf(before, after);
      const side = (other: string) => edits.filter(({ kind }) => kind !== other);
      expect(side("added").map(({ text }) => text)).toEqual(before);
      expect(side("removed").map(({ text }) => text)).toEqual(after);
      const changes = edits.filter(({ kind }) => kind !== "same").length;
      expect(changes).toBe(before.length + after.length - 2 * longestCommon(before, after));
    }),
  );
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let last = b.map(() => 0);
  for (const one of a) {
    const row: number[] = [];
    for (const [i, other] of b.entries()) {
      row.push(one === other ? (last[i - 1] ?? 0) + 1 : Math.max(last[i] ?? 0, row[i - 1] ?? 0));
    }
    last = row;
  }
  return last.at(-1) ?? 0;
}

test("patch makes the new text of the old one and the diff", () => {
  const directory = mkdtempSync(join(tmpdir(), "kraft-diff-"));
  const file = join(directory, "file");
  const text = fc
    .array(line, { minLength: 1 })
    .map((lines) => lines.map((one) => `${one}\n`).join(""));
  try {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = unifiedDiff(before, after, 10_000);
        expect(diff.length === 0).toBe(before === after);
        if (diff.length === 0) return;
        writeFileSync(file, before);
        const input = ["--- file", "+++ file", ...diff, ""].join("\n");
        const patched = spawnSync("patch", ["-s", "-o", "-", file], { input, encoding: "utf8" });
        expect(patched.stdout).toBe(after);
      }),
      { numRuns: 30 },
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("of a long diff the beginning is shown, and of a very different text all goes and comes", () => {
  const many = (sign: string) => Array.from({ length: 2000 }, (_, i) => `${sign}${i}\n`).join("");
  const diff = unifiedDiff(many("a"), many("b"));
  expect(diff.slice(0, 2)).toEqual(["@@ -1,2000 +1,2000 @@", "-a0"]);
  expect(diff.at(-1)).toBe("… 3990 more lines");
  expect(diff).toHaveLength(12);
});
