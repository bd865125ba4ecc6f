// zstd, where this Node has it (from 22.15 on). Knows no protocol.

import type { Transform } from "node:stream";
import zlib from "node:zlib";

/** What this Node can do with zstd. */
export interface Zstd {
  readonly compressor: () => Transform;
  readonly decompressor: () => Transform;
}

/** zstd; undefined when this Node has none, and blobs travel as they are. */
export function findZstd(): Zstd | undefined {
  // Not in the types of Node 20, nor in it.
  const { createZstdCompress, createZstdDecompress } = zlib as Partial<
    Record<"createZstdCompress" | "createZstdDecompress", () => Transform>
  >;
  if (createZstdCompress === undefined || createZstdDecompress === undefined) return undefined;
  return { compressor: () => createZstdCompress(), decompressor: () => createZstdDecompress() };
}
