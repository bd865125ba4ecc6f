// Writes what all tar archives are made of: headers, extended headers, the end. Knows no tree: who
// packs one decides what its members are, as archives whose bytes are known elsewhere differ in that.
// Source: POSIX.1-2024, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".

import { paddingOf } from "./newc-header.ts";
import { encodePaxRecord, type PaxRecord } from "./pax-header.ts";

/** What the block before a member says. What does not fit is cut off, or 0: see {@link maxOctal}. */
export interface TarFacts {
  readonly name: Uint8Array;
  /** One character, as in `TarHeader`. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtime: number;
  /** Absent: it is no link. */
  readonly link?: Uint8Array;
  /** Of a device; absent: it is none. */
  readonly device?: { readonly major: number; readonly minor: number };
  /** Absent: `posix`. */
  readonly form?: "posix" | "gnu";
}

/** All sizes are multiples of it. */
export const blockBytes = 512;

/** The block that says `facts`. */
export function encodeTarHeader(facts: TarFacts): Buffer {
  const { name, link, type, device, form = "posix" } = facts;
  const block = Buffer.alloc(blockBytes);
  block.set(name.subarray(0, 100), 0);
  const octal = (value: number, at: number, digits: number): void => {
    const fitting = value > maxOctal(digits) ? 0 : value;
    block.write(fitting.toString(8).padStart(digits, "0"), at, "latin1");
  };
  octal(facts.mode, 100, 7);
  octal(facts.uid, 108, 7);
  octal(facts.gid, 116, 7);
  octal(facts.sizeBytes, 124, 11);
  octal(facts.mtime, 136, 11);
  block.write(" ".repeat(8), 148, "latin1"); // The sum is taken with blanks in its place.
  block.write(type, 156, "latin1");
  if (link !== undefined) block.set(link.subarray(0, 100), 157);
  block.write(form === "gnu" ? "ustar  \0" : "ustar\0" + "00", 257, "latin1");
  if (device !== undefined || form === "posix") {
    octal(device?.major ?? 0, 329, 7);
    octal(device?.minor ?? 0, 337, 7);
  }
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** The largest number that `digits` can say. */
export function maxOctal(digits: number): number {
  return 8 ** digits - 1;
}

/** What a member is like that only says more of the next one. */
export interface ExtensionFacts extends Pick<TarFacts, "form"> {
  readonly name: string;
  /** Absent: 0. */
  readonly mtime?: number;
}

/** A member of `type` that says more of the next one, in `bytes`. */
export function* encodeExtension(
  { type, name, mtime = 0, form }: ExtensionFacts & { readonly type: string },
  bytes: Uint8Array,
): Generator<Uint8Array> {
  const plain = { mode: 0o644, uid: 0, gid: 0, mtime, ...(form && { form }) };
  yield encodeTarHeader({ ...plain, type, name: Buffer.from(name), sizeBytes: bytes.byteLength });
  yield bytes;
  yield Buffer.alloc(paddingOf(bytes.byteLength, blockBytes));
}

/** {@link encodeExtension} for `records`; nothing when there are none. */
export function* encodeRecords(
  how: ExtensionFacts,
  records: readonly PaxRecord[],
): Generator<Uint8Array> {
  if (records.length === 0) return;
  yield* encodeExtension({ ...how, type: "x" }, Buffer.concat(records.map(encodePaxRecord)));
}

/** What ends an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockBytes);
}
