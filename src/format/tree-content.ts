// Files of trees as they go into images. Knows no format.

import type { FileBytes } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";

/** The pieces of `content`. Throws a FormatError when they are not as many bytes as was said. */
export function* checkedPieces(path: Uint8Array, content: FileBytes): Generator<Uint8Array> {
  let missingBytes = content.sizeBytes;
  for (const piece of content.read()) {
    missingBytes -= piece.byteLength;
    if (missingBytes < 0) break;
    yield piece;
  }
  if (missingBytes === 0) return;
  throw new FormatError(readableName(path), "changed its size while it was packed");
}

/** `content` as blocks of `blockBytes`, the last filled up with zeros. Each is good for one turn. */
export function* blocksOf(
  path: Uint8Array,
  content: FileBytes,
  blockBytes: number,
): Generator<Uint8Array> {
  const rest = Buffer.alloc(blockBytes);
  let used = 0;
  for (const piece of checkedPieces(path, content)) {
    let at = 0;
    if (used > 0) {
      at = Math.min(blockBytes - used, piece.byteLength);
      rest.set(piece.subarray(0, at), used);
      used += at;
      if (used < blockBytes) continue;
      yield rest;
      used = 0;
    }
    for (; at + blockBytes <= piece.byteLength; at += blockBytes) {
      yield piece.subarray(at, at + blockBytes);
    }
    rest.set(piece.subarray(at), 0);
    used = piece.byteLength - at;
  }
  if (used > 0) yield rest.fill(0, used);
}
