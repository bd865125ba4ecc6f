// zstd, where this Node has it (from 22.15 on). Knows no protocol.

import { PassThrough, Readable, type Transform } from "node:stream";
import { finished } from "node:stream/promises";
import zlib from "node:zlib";

/** What this Node can do with zstd. */
export interface Zstd {
  readonly compressor: () => Transform;
  readonly decompressor: () => Decompressor;
}

/** A stream of zlib's, with how much of what it was given it has read. */
export type Decompressor = Transform & { readonly bytesWritten: number };

/** zstd; undefined when this Node has none, and blobs travel as they are. */
export function findZstd(): Zstd | undefined {
  // Not in the types of Node 20, nor in it.
  const { createZstdCompress, createZstdDecompress } = zlib as Partial<
    Record<"createZstdCompress" | "createZstdDecompress", () => Decompressor>
  >;
  if (createZstdCompress === undefined || createZstdDecompress === undefined) return undefined;
  return { compressor: () => createZstdCompress(), decompressor: () => createZstdDecompress() };
}

/** `bytes` as one frame. */
export function compressed(
  bytes: AsyncIterable<Uint8Array>,
  zstd: Zstd,
): AsyncIterable<Uint8Array> {
  const frame = zstd.compressor();
  const source = Readable.from(bytes);
  source.once("error", (error) => frame.destroy(error));
  // Whoever wants no more of the frame wants no more of what it is made of.
  frame.once("close", () => source.destroy());
  return source.pipe(frame) as AsyncIterable<Uint8Array>;
}

/**
 * What the frames `bytes` stand for, one after another, as servers store large blobs in several.
 * Iterating throws when they are none.
 */
export function decompressed(
  bytes: AsyncIterable<Uint8Array>,
  zstd: Zstd,
): AsyncIterable<Uint8Array> {
  const out = new PassThrough();
  unpack(bytes, zstd, out).then(
    () => out.end(),
    (error: Error) => out.destroy(error),
  );
  return out as AsyncIterable<Uint8Array>;
}

/** Node's decompressor is at its end with a frame that ends amid a piece, and leaves the rest of that. */
async function unpack(
  bytes: AsyncIterable<Uint8Array>,
  zstd: Zstd,
  out: PassThrough,
): Promise<void> {
  let frames = openFrames(zstd, out);
  for await (const piece of bytes) {
    for (let rest = piece; rest.byteLength > 0; ) {
      rest = rest.subarray(await frames.write(rest));
      if (rest.byteLength === 0) break;
      await frames.ended;
      frames = openFrames(zstd, out);
    }
  }
  frames.end();
  await frames.ended;
}

/** A decompressor that writes to `out`; `write` gives how much it took. */
function openFrames(zstd: Zstd, out: PassThrough) {
  const frames = zstd.decompressor();
  // Whoever wants no more of it: what waits to be written is told so.
  const close = (): void => void frames.destroy();
  out.once("close", close);
  const ended = finished(frames, { writable: false }).finally(() => out.off("close", close));
  // Also of a write that is under way, which is not told itself.
  const failed = new Promise<never>((_, reject) => void ended.catch(reject));
  failed.catch(() => undefined);
  frames.pipe(out, { end: false });
  const write = async (bytes: Uint8Array): Promise<number> => {
    const before = frames.bytesWritten;
    const written = new Promise<void>((resolve, reject) => {
      frames.write(bytes, (error) => (error == null ? resolve() : reject(error)));
    });
    await Promise.race([written, failed]);
    const taken = frames.bytesWritten - before;
    if (taken === 0) throw new Error("nothing of it can be read");
    return taken;
  };
  return { ended, write, end: () => void frames.end() };
}
