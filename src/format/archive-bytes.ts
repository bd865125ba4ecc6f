import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { newBytes } from "./file-content.ts";
import { FormatError } from "./format-error.ts";

/** A file that can be read anywhere, as an archive must be. */
export interface ArchiveBytes {
  /** What errors call it. */
  readonly path: string;
  readonly sizeBytes: number;
  /** `length` bytes from `offset`, which are not to be changed. Throws a FormatError past the end. */
  readonly read: (offset: number, length: number) => Buffer;
  readonly close: () => void;
}

/** The file `file`, called `path` in errors; close it in the end. */
export function openArchive(file: string, path: string): ArchiveBytes {
  const descriptor = openSync(file, "r");
  const sizeBytes = fstatSync(descriptor).size;
  // Headers lie close together in most archives, so one read of the file gives many.
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  const fill = (offset: number, length: number): Buffer => {
    const bytes = newBytes(length);
    if (readSync(descriptor, bytes, 0, length, offset) === length) return bytes;
    throw new FormatError(path, "changed while it was read");
  };
  const read = (offset: number, length: number): Buffer => {
    if (offset + length > sizeBytes) {
      throw new FormatError(path, `is cut off at byte ${sizeBytes}`);
    }
    if (length > windowBytes / 2) return fill(offset, length);
    if (offset < start || offset + length > start + window.length) {
      window = fill(offset, Math.min(windowBytes, sizeBytes - offset));
      start = offset;
    }
    return window.subarray(offset - start, offset - start + length);
  };
  return { path, sizeBytes, read, close: () => closeSync(descriptor) };
}

/** `length` bytes of `archive` from `offset`, in pieces. */
export function* contentOf(
  archive: ArchiveBytes,
  offset: number,
  length: number,
): Generator<Uint8Array> {
  const end = offset + length;
  for (let at = offset; at < end; at += pieceBytes) {
    yield archive.read(at, Math.min(pieceBytes, end - at));
  }
}

const windowBytes = 64 * 1024;
const pieceBytes = 1024 * 1024;
