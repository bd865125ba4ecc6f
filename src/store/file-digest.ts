// The bytes of one file: read in pieces, hashed, copied. Knows no store.

import { closeSync, constants, openSync, readSync } from "node:fs";

import { type Digest, digestOf, digestStream } from "../digest/digest.ts";
import { writeAll } from "./whole-file.ts";

/** The digest of what is left to read of `descriptor`, at most 1 MiB of it in memory at once. */
export function digestOfDescriptor(descriptor: number): Digest {
  return digestOfPieces(descriptor, () => undefined);
}

/**
 * The digest of `descriptor`, a file of which nothing was read and that has `sizeBytes`. One that has
 * grown since may count as far as it reached then: the caller is to look at the size once more.
 * `hashed` hears the bytes of a small one, which are not the same for long.
 */
export function digestOfSized(
  descriptor: number,
  sizeBytes: number,
  hashed?: (digest: Digest, bytes: Uint8Array) => void,
): Digest {
  // Files that are not really there, as those of /proc, say that they are empty.
  if (sizeBytes === 0 || sizeBytes >= pieceBytes) return digestOfDescriptor(descriptor);
  shared ??= Buffer.allocUnsafeSlow(pieceBytes);
  const bytes = readPiece(descriptor, shared.subarray(0, sizeBytes));
  const digest = digestOf(bytes);
  hashed?.(digest, bytes);
  return digest;
}

/** Copies what is left to read of `from`; the digest is of the bytes that were written. */
export function copyDescriptor(from: number, to: number): Digest {
  return digestOfPieces(from, (bytes) => writeAll(to, bytes));
}

/**
 * Opens `path` to read, runs `use`, and closes it. A symbolic link is not followed, and a fifo
 * that took the file's place does not block. Throws what Node does.
 */
export function withReading<T>(path: string, use: (descriptor: number) => T): T {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = openSync(path, flags);
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** One for all reads, as allocating it costs more than reading a small file. Never given out. */
let shared: Buffer | undefined;
const pieceBytes = 1 << 20;

function digestOfPieces(descriptor: number, take: (bytes: Uint8Array) => void): Digest {
  shared ??= Buffer.allocUnsafeSlow(pieceBytes);
  let piece = readPiece(descriptor, shared);
  take(piece);
  // The one-shot digest of a small file is three times as fast as a stream's.
  if (piece.byteLength < shared.byteLength) return digestOf(piece);
  const stream = digestStream();
  while (piece.byteLength > 0) {
    stream.update(piece);
    piece = readPiece(descriptor, shared);
    take(piece);
  }
  return stream.digest();
}

/** What comes next, as much as fits into `buffer`: less is all there is. */
function readPiece(descriptor: number, buffer: Buffer): Buffer {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const count = readSync(descriptor, buffer, filled, buffer.byteLength - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
