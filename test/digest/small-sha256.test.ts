import { createHash } from "node:crypto";

import fc from "fast-check";
import { expect, test } from "vitest";

import { smallSha256 } from "../../src/digest/small-sha256.ts";

function expectSame(text: string): void {
  expect(smallSha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
}

test("texts of every length around blocks have the digest that Node gives", () => {
  for (let length = 0; length <= 260; length++) expectSame("x".repeat(length));
  expectSame("0123456789".repeat(10_000));
});

test("any text has the digest that Node gives", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), expectSame));
});
