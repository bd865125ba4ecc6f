// An image layer: a tar of one file. Knows no image.
//
// Own code, as it is a single fixed block, the same that KraftKit writes.

import { FormatError } from "./format-error.ts";
import { paddingOf } from "./newc-header.ts";

/** What a layer holds. */
export interface LayerFile {
  /** Where the file is in the image, without a leading slash; ASCII, at most 100 characters. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Must give exactly `sizeBytes`. */
  readonly content: Iterable<Uint8Array>;
}

/**
 * The uncompressed tar of `file`, in pieces: owned by root, readable by all, with no time, so that
 * equal files make equal layers. Throws a FormatError when the content is not as large as said,
 * or too large for a plain tar.
 *
 * Source: POSIX, pax: "ustar Interchange Format".
 */
export function* packLayer({ path, sizeBytes, content }: LayerFile): Generator<Uint8Array> {
  if (sizeBytes > maxUstarBytes) throw new FormatError(path, "is too large for tar: 8 GiB or more");
  yield headerOf(path, sizeBytes);
  let foundBytes = 0;
  for (const piece of content) {
    foundBytes += piece.byteLength;
    yield piece;
  }
  if (foundBytes !== sizeBytes) throw new FormatError(path, "changed its size while it was packed");
  yield Buffer.alloc(paddingOf(sizeBytes, blockBytes) + 2 * blockBytes);
}

const blockBytes = 512;
/** What eleven octal digits can say. */
const maxUstarBytes = 8 ** 11 - 1;

function headerOf(path: string, sizeBytes: number): Buffer {
  if (path.length > 100) throw new Error(`bug: ${path} does not fit into a tar header`);
  const block = Buffer.alloc(blockBytes);
  block.write(path, 0, "latin1");
  block.write("0000644\0" + "0000000\0" + "0000000\0", 100, "latin1"); // Mode, owner, group.
  block.write(`${sizeBytes.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0`, 124, "latin1");
  block.write(" ".repeat(8), 148, "latin1"); // The sum is taken with blanks in its place.
  block.write("0", 156, "latin1"); // A regular file.
  block.write("ustar\0" + "00", 257, "latin1");
  block.write("0000000\0" + "0000000\0", 329, "latin1"); // Device.
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
