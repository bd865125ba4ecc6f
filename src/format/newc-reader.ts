// Reads newc archives, plain and with sums. Reads no content; knows no path of the archive's tree.

import { type ArchiveBytes, contentOf } from "./archive-bytes.ts";
import { FormatError } from "./format-error.ts";
import { maxNameBytes, paddingOf, trailerName } from "./newc-header.ts";

/** An entry, as it stands in an archive. */
export interface NewcRecord {
  /** Without the NUL. */
  readonly name: Buffer;
  /** Type and permission bits. */
  readonly mode: number;
  readonly nlink: number;
  /** Of the content. */
  readonly sizeBytes: number;
  /** Where the content begins. */
  readonly offset: number;
  /** Of the file: names of one file share it. */
  readonly identity: string;
  /** The sum of the content's bytes; absent: the archive has none. */
  readonly sum?: number;
}

/**
 * The records of `archive`, in their order. Archives that follow the first, as Linux unpacks them
 * too, are read as well. Throws a FormatError at the first byte that makes no sense, and for an
 * archive that is cut off.
 *
 * Source: cpio(5) of FreeBSD, "New ASCII Format", "New CRC Format"; Linux, early-userspace,
 * buffer-format.
 */
export function* readNewc(archive: ArchiveBytes): Generator<NewcRecord> {
  let archiveNumber = 0;
  for (let at = 0; ; ) {
    const record = readRecord(archive, at, archiveNumber);
    const end = record.offset + record.sizeBytes;
    if (end > archive.sizeBytes) {
      const wanted = `the entry at byte ${at} goes to byte ${end}`;
      throw new FormatError(archive.path, `is cut off at byte ${archive.sizeBytes}: ${wanted}`);
    }
    if (record.name.equals(trailerName)) {
      archiveNumber++;
      at = skipZeros(archive, end);
      if (at === archive.sizeBytes) return;
    } else {
      yield record;
      at = end + paddingOf(end, 4);
    }
  }
}

function readRecord(archive: ArchiveBytes, start: number, archiveNumber: number): NewcRecord {
  if (start > 0 && start >= archive.sizeBytes) {
    const reason = `is cut off at byte ${archive.sizeBytes}: its trailer is missing`;
    throw new FormatError(archive.path, reason);
  }
  const magic = beginningAt(archive, start);
  // Linux too takes only headers at multiples of 4.
  const isHeader = (magic === "070701" || magic === "070702") && start % 4 === 0;
  if (!isHeader) throw new FormatError(archive.path, notNewc(magic, start));
  const text = archive.read(start, headerBytes).toString("latin1", magic.length);
  if (!/^[0-9A-Fa-f]*$/.test(text)) throw malformed(archive, start);
  const number = (index: number) => Number.parseInt(text.slice(index * 8, index * 8 + 8), 16);
  const nameBytes = number(11);
  const nameEnd = start + headerBytes + nameBytes;
  return {
    name: readName(archive, start, nameBytes),
    mode: number(1),
    nlink: number(4),
    sizeBytes: number(6),
    offset: nameEnd + paddingOf(nameEnd, 4),
    identity: [archiveNumber, ...[0, 7, 8].map(number)].join(":"),
    ...(magic === "070702" && { sum: number(12) }),
  };
}

/** Magic and thirteen numbers of eight digits. */
const headerBytes = 6 + 13 * 8;

function beginningAt(archive: ArchiveBytes, start: number): string {
  return archive.read(start, Math.min(6, archive.sizeBytes - start)).toString("latin1");
}

function readName(archive: ArchiveBytes, start: number, sizeBytes: number): Buffer {
  if (sizeBytes < 2 || sizeBytes > maxNameBytes) throw malformed(archive, start);
  const bytes = archive.read(start + headerBytes, sizeBytes);
  const nameLength = bytes.indexOf(0);
  // Several NULs are fine: Linux's early microcode is aligned that way.
  const isEnded = nameLength > 0 && bytes.subarray(nameLength).every((byte) => byte === 0);
  if (!isEnded) throw malformed(archive, start);
  // Copied, as the bytes are a window on much more.
  return Buffer.from(bytes.subarray(0, nameLength));
}

function malformed(archive: ArchiveBytes, start: number): FormatError {
  return new FormatError(archive.path, `has a broken header at byte ${start}`);
}

function notNewc(found: string, start: number): string {
  if (start > 0) return `has no header at byte ${start}, where one should be`;
  if (found === "070707") return 'is CPIO of an old form: make it with "cpio -H newc"';
  const tool = compressions.find(([magic]) => found.startsWith(magic))?.[1];
  if (tool === undefined) return "is no CPIO archive";
  return `is compressed with ${tool}, which Unikraft cannot unpack: give it as plain CPIO`;
}

const compressions = [
  ["\x1f\x8b", "gzip"],
  ["\x28\xb5\x2f\xfd", "zstd"],
  ["\xfd7zXZ", "xz"],
  ["BZh", "bzip2"],
  ["\x02\x21\x4c\x18", "lz4"],
  ["\x5d\0\0", "lzma"],
] as const;

/** Where the first byte from `start` is that is not 0; the end when there is none. */
function skipZeros(archive: ArchiveBytes, start: number): number {
  let at = start;
  for (const piece of contentOf(archive, start, archive.sizeBytes - start)) {
    const index = piece.findIndex((byte) => byte !== 0);
    if (index !== -1) return at + index;
    at += piece.length;
  }
  return at;
}
