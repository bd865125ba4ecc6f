// An image layer: a tar of one file. Knows no image.
//
// Apart from tar-writer.ts, as its bytes are those that KraftKit writes, and it takes no tree.

import { FormatError } from "./format-error.ts";
import { paddingOf } from "./newc-header.ts";
import { blockBytes, encodeTarHeader, maxOctal, tarEnd } from "./tar-block.ts";

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
  if (sizeBytes > maxOctal(11)) throw new FormatError(path, "is too large for tar: 8 GiB or more");
  yield headerOf(path, sizeBytes);
  let foundBytes = 0;
  for (const piece of content) {
    foundBytes += piece.byteLength;
    yield piece;
  }
  if (foundBytes !== sizeBytes) throw new FormatError(path, "changed its size while it was packed");
  yield Buffer.alloc(paddingOf(sizeBytes, blockBytes));
  yield tarEnd();
}

function headerOf(path: string, sizeBytes: number): Buffer {
  if (path.length > 100) throw new Error(`bug: ${path} does not fit into a tar header`);
  const plain = { type: "0", mode: 0o644, uid: 0, gid: 0, mtime: 0 };
  return encodeTarHeader({ ...plain, name: Buffer.from(path, "latin1"), sizeBytes });
}
