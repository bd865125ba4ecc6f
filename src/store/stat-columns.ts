// The bytes of a stat snapshot, as columns. Knows not what to do with them.

import { hash } from "node:crypto";

/** How many of each thing a snapshot holds. */
export interface ColumnCounts {
  readonly entries: number;
  readonly directories: number;
  /** UTF-8 bytes of all names. */
  readonly textBytes: number;
}

/**
 * One buffer, and a view of each column: arrays rather than records, so that loading touches no
 * entry and copying a directory is a handful of block copies. In the machine's byte order, as
 * the file never leaves it; another order fails the checksum's magic.
 */
export interface StatColumns extends ColumnCounts {
  readonly bytes: Buffer;
  /** dev, ino, size, mtimeNs and ctimeNs, `entries` of each in that order. */
  readonly stats: BigInt64Array;
  /** SHA-256, 32 bytes per entry. */
  readonly hashes: Buffer;
  readonly modes: Uint32Array;
  /** The day of the last use, and the highest bit for `racy`. */
  readonly uses: Uint32Array;
  /** Where in `text` the name of an entry ends; it begins where the one before ends. */
  readonly nameEnds: Uint32Array;
  /** Entries up to which a directory goes; it begins where the one before ends. */
  readonly entryEnds: Uint32Array;
  /** Where in `text` the name of a directory ends; the first begins at the last entry's end. */
  readonly directoryEnds: Uint32Array;
  readonly text: Buffer;
}

/** Empty columns, to be filled in and then sealed. */
export function newColumns(counts: ColumnCounts): StatColumns {
  const columns = columnsIn(new ArrayBuffer(lengthFor(counts)), counts);
  const head = new Uint32Array(columns.bytes.buffer, checkedFrom, 4);
  head.set([byteOrderMark, counts.entries, counts.directories, counts.textBytes]);
  return columns;
}

/** Writes the checksum into `columns`, and gives their bytes. */
export function sealColumns({ bytes }: StatColumns): Buffer {
  magic.copy(bytes, 0);
  checksumOf(bytes).copy(bytes, magic.byteLength);
  return bytes;
}

/** The columns in `bytes`; undefined unless they are whole, and written by this version. */
export function readColumns(bytes: Buffer): StatColumns | undefined {
  if (bytes.byteLength < headerBytes || !bytes.subarray(0, 8).equals(magic)) return undefined;
  if (!checksumOf(bytes).equals(bytes.subarray(8, checkedFrom))) return undefined;
  // A copy only where Node read into its pool, at an offset that 64-bit views cannot have.
  const buffer =
    bytes.byteOffset % 8 === 0 ? bytes.buffer : Uint8Array.prototype.slice.call(bytes).buffer;
  const offset = bytes.byteOffset % 8 === 0 ? bytes.byteOffset : 0;
  const head = new Uint32Array(buffer, offset + checkedFrom, 4);
  const [mark, entries = 0, directories = 0, textBytes = 0] = head;
  const counts = { entries, directories, textBytes };
  if (mark !== byteOrderMark || lengthFor(counts) !== bytes.byteLength) return undefined;
  return columnsIn(buffer, counts, offset);
}

const magic = Buffer.from("kgstat1\n");
const checkedFrom = magic.byteLength + 16;
const byteOrderMark = 0x01020304;
const headerBytes = checkedFrom + 16;
const bytesPerEntry = 5 * 8 + 32 + 3 * 4;
const bytesPerDirectory = 2 * 4;

function lengthFor({ entries, directories, textBytes }: ColumnCounts): number {
  return headerBytes + entries * bytesPerEntry + directories * bytesPerDirectory + textBytes;
}

function columnsIn(buffer: ArrayBufferLike, counts: ColumnCounts, offset = 0): StatColumns {
  const { entries, directories, textBytes } = counts;
  let at = offset + headerBytes;
  const take = (length: number) => {
    at += length;
    return at - length;
  };
  return {
    ...counts,
    bytes: Buffer.from(buffer, offset, lengthFor(counts)),
    stats: new BigInt64Array(buffer, take(entries * 40), entries * 5),
    hashes: Buffer.from(buffer, take(entries * 32), entries * 32),
    modes: new Uint32Array(buffer, take(entries * 4), entries),
    uses: new Uint32Array(buffer, take(entries * 4), entries),
    nameEnds: new Uint32Array(buffer, take(entries * 4), entries),
    entryEnds: new Uint32Array(buffer, take(directories * 4), directories),
    directoryEnds: new Uint32Array(buffer, take(directories * 4), directories),
    text: Buffer.from(buffer, take(textBytes), textBytes),
  };
}

/** Half of a SHA-256, which takes 8 ms for 100,000 entries; against torn writes, not malice. */
function checksumOf(bytes: Buffer): Buffer {
  return hash("sha256", bytes.subarray(checkedFrom), "buffer").subarray(0, 16);
}
