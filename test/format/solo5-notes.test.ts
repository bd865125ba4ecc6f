import {
  array,
  assert,
  constantFrom,
  nat,
  property,
  record,
  stringMatching,
  uint8Array,
} from "fast-check";
import { expect, test } from "vitest";

import { FormatError } from "../../src/format/format-error.ts";
import { type Solo5Device, solo5BinaryOf } from "../../src/format/solo5-notes.ts";
import { solo5Binary } from "../rig/solo5-binary.ts";

/** What `bytes` are, as a file. */
function read(bytes: Buffer) {
  return solo5BinaryOf({
    path: "app",
    sizeBytes: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
}

test("a binary tells its tender and its devices", () => {
  const devices = [
    { name: "storage", type: "block" },
    { name: "service", type: "net" },
  ] as const;
  expect(read(solo5Binary("spt", devices))).toEqual({ abi: "spt", abiVersion: 2, devices });
  expect(read(solo5Binary("hvt", []))).toMatchObject({ abi: "hvt", devices: [] });
});

test("the note of one device has the size that real binaries have", () => {
  // Source: readelf -n of a binary of Solo5 0.12: 220 bytes.
  const bytes = solo5Binary("hvt", [{ name: "storage", type: "block" }]);
  expect(bytes.includes(Buffer.from([6, 0, 0, 0, 220, 0, 0, 0, 0x4d, 0x46, 0x54, 0x31]))).toBe(
    true,
  );
});

test("what is no binary of Solo5 is none", () => {
  expect(read(Buffer.from("#!/bin/sh\n"))).toBeUndefined();
  expect(read(Buffer.alloc(200))).toBeUndefined();
  expect(read(solo5Binary("hvt", []).fill(0, 0x38, 0x3a))).toBeUndefined();
});

test("a manifest that no tender takes is refused", () => {
  const bytes = solo5Binary("hvt", [{ name: "storage", type: "block" }]);
  const at = bytes.indexOf("storage");
  const changed = (offset: number, value: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(value, offset);
    return copy;
  };
  expect(() => read(changed(at + 68, 7))).toThrow(
    "app has a Solo5 manifest with a device of type 7",
  );
  expect(() => read(changed(at - 104 - 4, 65))).toThrow("of 65 entries");
  expect(() => read(changed(at - 104 - 8, 2))).toThrow("of a version that nobody knows");
  expect(() => read(changed(at, 0))).toThrow("with a device without a name");
});

const device = record({
  name: stringMatching(/^[A-Za-z0-9]{1,67}$/),
  type: constantFrom<Solo5Device["type"]>("block", "net"),
});

test("every binary tells what it was made with", () => {
  assert(
    property(
      constantFrom("hvt", "spt", "xen"),
      array(device, { maxLength: 63 }),
      (abi, devices) => {
        expect(read(solo5Binary(abi, devices))).toMatchObject({ abi, devices });
      },
    ),
  );
});

test("whatever is in a file, reading it gives an answer or a FormatError", () => {
  const good = solo5Binary("spt", [{ name: "service", type: "net" }]);
  const change = record({ at: nat(good.length - 1), bytes: uint8Array({ maxLength: 8 }) });
  assert(
    property(array(change, { maxLength: 6 }), nat(good.length), (changes, length) => {
      const bytes = Buffer.from(good);
      for (const { at, bytes: put } of changes) bytes.set(put.subarray(0, bytes.length - at), at);
      try {
        read(bytes.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 3000 },
  );
});
