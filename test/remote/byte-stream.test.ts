import { createGunzip, createGzip, gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";

import { digestOf, splitDigest } from "../../src/digest/digest.ts";
import { Attempts } from "../../src/remote/attempts.ts";
import { Breaker } from "../../src/remote/breaker.ts";
import { ByteStream } from "../../src/remote/byte-stream.ts";
import type { Zstd } from "../../src/remote/compression.ts";
import { callContextOf } from "../../src/remote/grpc-cache.ts";
import { parseRemoteUrl } from "../../src/remote/remote-url.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { startFaultyGrpc } from "./faulty-grpc.ts";

/** In place of zstd, which not every Node has. */
const frames: Zstd = { compressor: () => createGzip(), decompressor: () => createGunzip() };

const blob = Buffer.from("a blob, a blob, a blob, ".repeat(20_000));
const digest = digestOf(blob);

/** A server that has `kept` as the blob, and how it is read. */
async function readingRig(kept: Buffer, { compresses }: { readonly compresses: boolean }) {
  const server = await startFaultyGrpc();
  onTestFinished(server.stop);
  server.blobs.set(splitDigest(digest).hash, kept);
  const place = parseRemoteUrl(server.address);
  if (place?.kind !== "grpc") throw new Error("no address");
  const attempts = new Attempts(new Breaker(() => undefined), { wait: async () => undefined });
  const options = { instance: "", headers: async () => ({}), tls: {}, timeoutMs: 60_000 };
  const context = callContextOf(place, { ...options, toolVersion: "1" }, attempts);
  onTestFinished(() => context.client.close());
  const stream = new ByteStream({ context, instance: "", attempts, zstd: frames });
  stream.compresses = compresses;
  const taken: Buffer[] = [];
  const take = (bytes: Uint8Array) => void taken.push(Buffer.from(bytes));
  return {
    stream,
    taken: () => Buffer.concat(taken),
    read: () => stream.read(digest, take),
  };
}

const forms = [
  ["as it is", false, (bytes: Buffer) => bytes],
  ["as a frame", true, (bytes: Buffer) => gzipSync(bytes)],
] as const;

test.each(forms)("a blob that travels %s is given as it was", async (_, compresses, formOf) => {
  const { read, taken } = await readingRig(formOf(blob), { compresses });
  await read();
  expect(digestOf(taken())).toBe(digest);
});

test.each(forms)(
  "of a blob that travels %s no more is taken than its digest says",
  async (_, compresses, formOf) => {
    const long = Buffer.concat([blob, Buffer.alloc(16 * 1024 ** 2)]);
    const { read, taken } = await readingRig(formOf(long), { compresses });
    await expect(read()).rejects.toMatchObject({
      kind: "missing",
      message: expect.stringMatching(/another size/),
    });
    expect(taken().byteLength).toBeLessThanOrEqual(blob.byteLength);
  },
);

test.each(forms)(
  "whoever cannot take a blob that travels %s hears why, and nobody else",
  async (_, compresses, formOf) => {
    const { stream, read, taken } = await readingRig(formOf(blob), { compresses });
    const full = new StoreError("full", "/a/store");
    const end = stream.read(digest, () => {
      throw full;
    });
    await expect(end).rejects.toBe(full);
    // The connection is as good as before.
    await read();
    expect(digestOf(taken())).toBe(digest);
  },
);

test("a blob that comes as no frame, or as a part of one, is missing", async () => {
  const kept = [blob, gzipSync(blob).subarray(0, -20)];
  for (const bytes of kept) {
    const { read } = await readingRig(bytes, { compresses: true });
    await expect(read()).rejects.toMatchObject({
      kind: "missing",
      message: expect.stringMatching(/no frame/),
    });
  }
});
