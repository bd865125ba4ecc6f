import { Transform } from "node:stream";

import { expect, test } from "vitest";

import {
  compressed,
  decompressed,
  type Decompressor,
  findZstd,
  type Zstd,
} from "../../src/remote/compression.ts";

/** Lines in place of frames: as Node's zstd, it is at its end when more follows in the same piece. */
class OneAtATime extends Transform implements Decompressor {
  bytesWritten = 0;

  override _transform(piece: Buffer, _: unknown, done: () => void): void {
    const end = piece.indexOf("\n");
    const taken = end === -1 ? piece.length : end + 1;
    this.bytesWritten += taken;
    this.push(piece.subarray(0, end === -1 ? undefined : end));
    if (taken < piece.length) this.push(null);
    done();
  }
}

const lines: Zstd = {
  compressor: () => new OneAtATime(),
  decompressor: () => new OneAtATime(),
};

test.each([
  ["in one piece", ["one\ntwo\nthree\n"]],
  ["each in a piece", ["one\n", "two\n", "three\n"]],
  ["cut anywhere", ["o", "ne\ntw", "o\n", "three\n"]],
])("frames that come %s are all read", async (_, pieces) => {
  expect(await textOf(decompressed(inPieces(pieces), lines))).toBe("onetwothree");
});

test("whoever wants no more ends what comes", async () => {
  let isEnded = false;
  async function* endless(): AsyncIterable<Uint8Array> {
    try {
      for (;;) yield Buffer.from("more\n");
    } finally {
      isEnded = true;
    }
  }
  for await (const piece of decompressed(endless(), lines)) {
    expect(piece.toString()).toBe("more");
    break;
  }
  await expect.poll(() => isEnded).toBe(true);
});

const zstd = findZstd();

test.skipIf(zstd === undefined)("frames of zstd are all read, where Node has it", async () => {
  if (zstd === undefined) return;
  const text = "many words, ".repeat(100_000);
  const frame = await bytesOf(compressed(inPieces([text]), zstd));
  const both = Buffer.concat([frame, frame]);
  for (const size of [1, 1000, both.length]) {
    const pieces = Array.from({ length: Math.ceil(both.length / size) }, (_, at) =>
      both.subarray(at * size, (at + 1) * size),
    );
    expect((await textOf(decompressed(inPieces(pieces), zstd))) === text + text).toBe(true);
  }
  const none = decompressed(inPieces(["no frame"]), zstd);
  await expect(textOf(none)).rejects.toThrow();
});

async function* inPieces(pieces: readonly (string | Buffer)[]): AsyncIterable<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

async function bytesOf(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  return (await bytesOf(bytes)).toString();
}
