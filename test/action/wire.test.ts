import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { expect, test } from "vitest";

import { decodeWire, malformed } from "../../src/action/wire-reader.ts";
import { encodeWire } from "../../src/action/wire-writer.ts";

const safeIntegers = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(127, 128, -1));
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ minLength: 120, maxLength: 140 }),
  fc.integer({ min: 0, max: 20_000 }).map((length) => "é".repeat(length)),
);
const field = fc.integer({ min: 1, max: 2 ** 29 - 1 });

test("numbers are the bytes that protobuf-es writes, and come back", () => {
  fc.assert(
    fc.property(field, safeIntegers, (number, value) => {
      const bytes = encodeWire((writer) => writer.number(number, value));
      const writer = new BinaryWriter();
      if (value !== 0) writer.tag(number, WireType.Varint).int64(value);
      expect(Buffer.from(bytes)).toEqual(Buffer.from(writer.finish()));
      if (value !== 0)
        expect(decodeWire(bytes, (r) => [r.next(), r.number()])).toEqual([number, value]);
    }),
  );
});

test("text and nested messages are the bytes that protobuf-es writes, and come back", () => {
  fc.assert(
    fc.property(field, texts, (number, text) => {
      const bytes = encodeWire((writer) => writer.message(number, () => writer.element(1, text)));
      const writer = new BinaryWriter();
      writer.tag(number, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(text).join();
      expect(Buffer.from(bytes).equals(writer.finish())).toBe(true);
      const read = decodeWire(bytes, (outer) => {
        outer.next();
        return outer.message((inner) => [inner.next(), inner.text(), inner.next()]);
      });
      expect(read).toEqual([1, text, 0]);
    }),
  );
});

test("defaults leave no trace, but count in repeated fields and as messages", () => {
  const bytes = encodeWire((writer) => {
    writer.number(1, 0);
    writer.boolean(2, false);
    writer.bytes(3, "");
    writer.bytes(4, new Uint8Array(0));
    writer.element(5, "");
    writer.message(6, () => undefined);
  });
  expect([...bytes]).toEqual([5 * 8 + 2, 0, 6 * 8 + 2, 0]);
});

test("a message that is written while another is does not disturb it", () => {
  const bytes = encodeWire((writer) => {
    writer.bytes(1, "before");
    const inner = encodeWire((other) => other.bytes(1, "inner"));
    writer.bytes(2, inner);
    writer.bytes(3, "after");
  });
  const texts = decodeWire(bytes, (reader) => {
    const found: string[] = [];
    while (reader.next() !== 0) found.push(reader.text());
    return found;
  });
  expect(texts).toEqual(["before", "\n\u0005inner", "after"]);
});

test("bytes that were given out stay as they are when more is written", () => {
  const first = encodeWire((writer) => writer.bytes(1, "first"));
  const copy = Buffer.from(first);
  encodeWire((writer) => writer.bytes(1, "x".repeat(3_000_000)));
  encodeWire((writer) => writer.bytes(1, "third"));
  expect(copy.equals(first)).toBe(true);
});

test("fields of unknown types of any length are passed over", () => {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Bit32).fixed32(7);
  writer.tag(2, WireType.Bit64).fixed64(7);
  writer.tag(3, WireType.LengthDelimited).string("seven");
  writer.tag(4, WireType.Varint).uint64("18446744073709551615");
  const numbers = decodeWire(writer.finish(), (reader) => {
    const found: number[] = [];
    for (let number = reader.next(); number !== 0; number = reader.next()) found.push(number);
    return found;
  });
  expect(numbers).toEqual([1, 2, 3, 4]);
});

test.each([
  ["a tag that does not end", [0x80]],
  ["a number of eleven bytes", [0x08, ...Array<number>(10).fill(0xff), 0x01]],
  ["field 0", [0x00, 0x00]],
  ["a group", [0x0b, 0x0c]],
  ["a length beyond the end", [0x0a, 0x05, 0x61]],
  ["a length beyond all numbers", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ["a length below zero", [0x0a, ...Array<number>(9).fill(0xff), 0x01]],
  ["four of eight bytes", [0x09, 1, 2, 3, 4]],
])("a message with %s is no message", (_, bytes) => {
  const read = decodeWire(Uint8Array.from(bytes), (reader) => {
    while (reader.next() !== 0);
    return "read";
  });
  expect(read).toBeUndefined();
});

test("a field is not read as what it is not", () => {
  const number = Uint8Array.from([0x08, 0x01]);
  const text = Uint8Array.from([0x0a, 0x01, 0xff]);
  const tooLarge = Uint8Array.from([0x08, ...Array<number>(8).fill(0xff), 0x7f]);
  expect(decodeWire(number, (r) => [r.next(), r.text()])).toBeUndefined();
  expect(decodeWire(text, (r) => [r.next(), r.number()])).toBeUndefined();
  expect(decodeWire(text, (r) => [r.next(), r.boolean()])).toBeUndefined();
  expect(decodeWire(text, (r) => [r.next(), r.text()])).toBeUndefined();
  expect(decodeWire(text, (r) => [r.next(), [...r.bytes()]])).toEqual([1, [0xff]]);
  expect(decodeWire(tooLarge, (r) => [r.next(), r.number()])).toBeUndefined();
});

test("only malformed messages are forgiven, not mistakes of the reader", () => {
  const bytes = new Uint8Array(0);
  expect(decodeWire(bytes, () => malformed())).toBeUndefined();
  expect(() =>
    decodeWire(bytes, () => {
      throw new Error("bug");
    }),
  ).toThrow("bug");
});
