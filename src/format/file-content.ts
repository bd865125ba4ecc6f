// Reads and writes files piece by piece, so that none is ever held whole.

import type { Hash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";

/**
 * The content of a file that has `sizeBytes`, in pieces that are never used again; of one that
 * has grown, the beginning. Reads are synchronous, as in Node that is several times faster for
 * small files, and short, as others want their turn.
 */
export function* fileContent(path: string | Buffer, sizeBytes: number): Generator<Uint8Array> {
  const descriptor = openSync(path, "r");
  try {
    // To one byte more than the file should have, which shows whether it has grown.
    for (let offset = 0; offset <= sizeBytes; ) {
      const piece = newBytes(Math.min(pieceBytes, sizeBytes + 1 - offset));
      const readBytes = readSync(descriptor, piece, 0, piece.length, offset);
      if (readBytes === 0) return;
      yield piece.subarray(0, readBytes);
      offset += readBytes;
    }
  } finally {
    closeSync(descriptor);
  }
}

let slab: Buffer = Buffer.alloc(0);
let slabUsed = 0;

/**
 * Bytes that nobody else has, with whatever was in them. Small ones come from one allocation, as
 * the collector of garbage pays for each.
 */
export function newBytes(length: number): Buffer {
  if (length > pieceBytes / 4) return Buffer.allocUnsafeSlow(length);
  if (slabUsed + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(pieceBytes);
    slabUsed = 0;
  }
  slabUsed += length;
  return slab.subarray(slabUsed - length, slabUsed);
}

/**
 * Writes `pieces` to a new file, or over an old one. Small ones are gathered, as a write costs
 * more than they do; while some are written the next are asked for, so that large ones must stay
 * as they are. Stops with `signal`'s reason.
 */
export async function writePieces(
  path: string | Buffer,
  pieces: Iterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const file = await open(path, "w", 0o644);
  let writing: Promise<void> = Promise.resolve();
  try {
    let [buffer, other] = [Buffer.allocUnsafe(bufferBytes), Buffer.allocUnsafe(bufferBytes)];
    let used = 0;
    const write = async (bytes: Uint8Array): Promise<void> => {
      await writing;
      signal.throwIfAborted();
      writing = writeWhole(file, bytes);
      // Told when the next is to be written; until then nobody waits for it.
      writing.catch(() => undefined);
    };
    for (const piece of pieces) {
      if (used + piece.byteLength > bufferBytes) {
        await write(buffer.subarray(0, used));
        [buffer, other] = [other, buffer];
        used = 0;
      }
      if (piece.byteLength > bufferBytes) await write(piece);
      else {
        buffer.set(piece, used);
        used += piece.byteLength;
      }
    }
    await write(buffer.subarray(0, used));
    await writing;
  } finally {
    await writing.catch(() => undefined);
    await file.close();
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, at);
    at += bytesWritten;
  }
}

/** What `hash` makes of the file `path`, in hex, and its size; undefined when there is no file. */
export async function digestOfFile(
  path: string,
  hash: Hash,
): Promise<{ readonly hash: string; readonly sizeBytes: number } | undefined> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return undefined;
  for (const piece of fileContent(path, stats.size)) {
    hash.update(piece);
    await setImmediate();
  }
  return { hash: hash.digest("hex"), sizeBytes: stats.size };
}

const pieceBytes = 1024 * 1024;
const bufferBytes = 512 * 1024;
