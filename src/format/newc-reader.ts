// Reads CPIO archives of the portable forms: newc, plain and with sums, and odc, which POSIX has.
// Reads no content; knows no path of the archive's tree.

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
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Of a device node. */
  readonly major: number;
  readonly minor: number;
  /** Of the content. */
  readonly sizeBytes: number;
  /** Where the content begins. */
  readonly offset: number;
  /** Of the file: names of one file share it. */
  readonly identity: string;
  /** Where the next entry begins. */
  readonly end: number;
  /** The sum of the content's bytes; absent: the archive has none. */
  readonly sum?: number;
}

/**
 * The records of `archive`, in their order. Archives that follow the first, as Linux unpacks them
 * too, are read as well. Throws a FormatError at the first byte that makes no sense, and for an
 * archive that is cut off.
 *
 * Source: cpio(5) of FreeBSD, "New ASCII Format", "New CRC Format", "Portable ASCII Format"; Linux, early-userspace,
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
      at = record.end;
    }
  }
}

function readRecord(archive: ArchiveBytes, start: number, archiveNumber: number): NewcRecord {
  if (start > 0 && start >= archive.sizeBytes) {
    const reason = `is cut off at byte ${archive.sizeBytes}: its trailer is missing`;
    throw new FormatError(archive.path, reason);
  }
  const magic = beginningAt(archive, start);
  if (magic === "070707") return readOdcRecord(archive, start, archiveNumber);
  // Linux too takes only headers at multiples of 4.
  const isHeader = (magic === "070701" || magic === "070702") && start % 4 === 0;
  if (!isHeader) throw new FormatError(archive.path, notNewc(magic, start));
  const text = archive.read(start, headerBytes).toString("latin1", magic.length);
  if (!/^[0-9A-Fa-f]*$/.test(text)) throw malformed(archive, start);
  const number = (index: number) => Number.parseInt(text.slice(index * 8, index * 8 + 8), 16);
  const nameBytes = number(11);
  const nameEnd = start + headerBytes + nameBytes;
  const name = nameAt(archive, start + headerBytes, nameBytes);
  if (name === undefined) throw malformed(archive, start);
  const [offset, sizeBytes] = [nameEnd + paddingOf(nameEnd, 4), number(6)];
  return {
    name,
    mode: number(1),
    nlink: number(4),
    uid: number(2),
    gid: number(3),
    mtime: number(5),
    major: number(9),
    minor: number(10),
    sizeBytes,
    offset,
    end: offset + sizeBytes + paddingOf(offset + sizeBytes, 4),
    identity: [archiveNumber, ...[0, 7, 8].map(number)].join(":"),
    ...(magic === "070702" && { sum: number(12) }),
  };
}

/** A record of the older form: octal digits, and nothing is padded. */
function readOdcRecord(archive: ArchiveBytes, start: number, archiveNumber: number): NewcRecord {
  const text = archive.read(start, odcHeaderBytes).toString("latin1");
  if (!/^[0-7]*$/.test(text)) throw malformed(archive, start);
  const number = (from: number, digits = 6) => Number.parseInt(text.slice(from, from + digits), 8);
  const nameBytes = number(59);
  const name = nameAt(archive, start + odcHeaderBytes, nameBytes);
  if (name === undefined) throw malformed(archive, start);
  const offset = start + odcHeaderBytes + nameBytes;
  const [sizeBytes, device] = [number(65, 11), number(42)];
  return {
    name,
    mode: number(18),
    nlink: number(36),
    uid: number(24),
    gid: number(30),
    mtime: number(48, 11),
    major: device >> 8,
    minor: device & 0xff,
    sizeBytes,
    offset,
    end: offset + sizeBytes,
    identity: `${archiveNumber}:${number(6)}:${number(12)}`,
  };
}

const odcHeaderBytes = 76;

/** Magic and thirteen numbers of eight digits. */
const headerBytes = 6 + 13 * 8;

function beginningAt(archive: ArchiveBytes, start: number): string {
  return archive.read(start, Math.min(6, archive.sizeBytes - start)).toString("latin1");
}

/** The name at `at`, which with its end has `sizeBytes`; undefined for what can be none. */
function nameAt(archive: ArchiveBytes, at: number, sizeBytes: number): Buffer | undefined {
  if (sizeBytes < 2 || sizeBytes > maxNameBytes) return undefined;
  const bytes = archive.read(at, sizeBytes);
  const nameLength = bytes.indexOf(0);
  // Several NULs are fine: Linux's early microcode is aligned that way.
  const isEnded = nameLength > 0 && bytes.subarray(nameLength).every((byte) => byte === 0);
  // Copied, as the bytes are a window on much more.
  return isEnded ? Buffer.from(bytes.subarray(0, nameLength)) : undefined;
}

function malformed(archive: ArchiveBytes, start: number): FormatError {
  return new FormatError(archive.path, `has a broken header at byte ${start}`);
}

function notNewc(found: string, start: number): string {
  if (start > 0) return `has no header at byte ${start}, where one should be`;
  if (found.startsWith("\xc7\x71") || found.startsWith("\x71\xc7")) {
    return 'is CPIO of an old form: make it with "cpio -H newc"';
  }
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
