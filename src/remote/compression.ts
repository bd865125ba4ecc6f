// zstd, where this Node has it (from 22.15 on). Knows no protocol.

import { Readable, type Transform } from "node:stream";
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

/** `bytes` as one frame. */
export function compressed(
  bytes: AsyncIterable<Uint8Array>,
  zstd: Zstd,
): AsyncIterable<Uint8Array> {
  return through(bytes, zstd.compressor());
}

/** What the frame `bytes` stands for; iterating throws when it is none. */
export function decompressed(
  bytes: AsyncIterable<Uint8Array>,
  zstd: Zstd,
): AsyncIterable<Uint8Array> {
  return through(bytes, zstd.decompressor());
}

function through(bytes: AsyncIterable<Uint8Array>, frame: Transform): AsyncIterable<Uint8Array> {
  const source = Readable.from(bytes);
  source.once("error", (error) => frame.destroy(error));
  // Whoever wants no more of the frame wants no more of what it is made of.
  frame.once("close", () => source.destroy());
  return source.pipe(frame) as AsyncIterable<Uint8Array>;
}
