import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { digestOfSized, withReading } from "../../src/store/file-digest.ts";
import { hashedBytesOf, noteHashed } from "../../src/store/recent-files.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "file-digest-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** Of a file with `bytes` that was said to have `sizeBytes`. */
function digestOfFile(bytes: string | Uint8Array, sizeBytes: number) {
  const path = join(directory, "file");
  writeFileSync(path, bytes);
  return withReading(path, (descriptor) => digestOfSized(descriptor, sizeBytes, noteHashed));
}

test.each([
  ["small", 10],
  ["as large as one piece", 1 << 20],
  ["of more than two pieces", (2 << 20) + 1],
])("a file that is %s has the digest of its bytes", (_, sizeBytes) => {
  const bytes = Buffer.alloc(sizeBytes, "kraft");
  expect(digestOfFile(bytes, sizeBytes)).toBe(digestOf(bytes));
});

test("a file that says it is empty is read to its end all the same", () => {
  expect(digestOfFile("Linux version 6", 0)).toBe(digestOf("Linux version 6"));
});

test("the digest of a file that has lost its end tells its size of now", () => {
  expect(digestOfFile("short", 9)).toBe(digestOf("short"));
});

test("a small file's bytes are known by its digest, and a large one's are not", () => {
  const text = "int main(void) { return 0; }\n";
  const small = digestOfFile(text, text.length);
  const large = digestOfFile(Buffer.alloc(5000, "x"), 5000);
  expect(hashedBytesOf(small.slice(0, 32))?.toString()).toBe(text);
  expect(hashedBytesOf(large.slice(0, 32))).toBeUndefined();
});
