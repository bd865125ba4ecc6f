import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip, createGzip, gunzipSync, gzipSync } from "node:zlib";

import { expect, onTestFinished, test } from "vitest";

import { type Digest, digestOf } from "../../src/digest/digest.ts";
import { decodeCapabilities } from "../../src/remote/capabilities.ts";
import { findZstd, type Zstd } from "../../src/remote/compression.ts";
import {
  decodeReadResponse,
  decodeWriteStatus,
  encodeReadRequest,
  encodeWriteRequest,
  readName,
  writeName,
} from "../../src/remote/stream-messages.ts";
import { cacheMethods } from "../../src/serve/cache-methods.ts";
import { ServedCache } from "../../src/serve/served-cache.ts";
import { streamMethods } from "../../src/serve/stream-methods.ts";
import { Traffic } from "../../src/serve/traffic.ts";
import { openStore } from "../../src/store/store.ts";

/** In place of zstd, which not every Node has. */
const frames: Zstd = { compressor: () => createGzip(), decompressor: () => createGunzip() };

const blob = Buffer.from("a blob, a blob, a blob, ".repeat(1000));
const digest = digestOf(blob);
const resource = { instance: "", digest, isCompressed: true };

/** The methods for single blobs, as clients see them. */
function streams(zstd: Zstd | undefined) {
  const directory = mkdtempSync(join(tmpdir(), "kraft-serve-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const store = openStore(directory, { epochMs: Date.now, processId: process.pid });
  const limits = { maxSizeBytes: 10_000_000, maxAgeMs: 1_000_000 };
  const cache = new ServedCache({ store, limits, traffic: new Traffic() });
  // A default would stand in for what is not there.
  const methods = streamMethods(cache, ...(zstd === undefined ? [] : [zstd]));
  const find = (path: string) => methods.find((method) => method.path.endsWith(path));
  return {
    store,
    /** Sends `frame` in two pieces; how many bytes the server took. */
    write: async (frame: Buffer, about: { readonly digest: Digest } = resource) => {
      const method = find("/Write");
      if (method?.kind !== "client-stream") throw new Error("no such method");
      const middle = Math.floor(frame.length / 2);
      const name = writeName("one", { ...resource, ...about });
      const pieces = [
        { name, offset: 0, isLast: false, data: frame.subarray(0, middle) },
        { name: "", offset: middle, isLast: true, data: frame.subarray(middle) },
      ];
      async function* requests() {
        for (const piece of pieces) yield Buffer.from(encodeWriteRequest(piece));
      }
      return decodeWriteStatus(await method.answer(requests()))?.committedBytes;
    },
    read: async (offset: number) => {
      const method = find("/Read");
      if (method?.kind !== "server-stream") throw new Error("no such method");
      const request = Buffer.from(encodeReadRequest(readName(resource), offset));
      const pieces: Uint8Array[] = [];
      for await (const message of method.answer(request)) {
        pieces.push(decodeReadResponse(message) ?? new Uint8Array(0));
      }
      return Buffer.concat(pieces);
    },
    announced: async () => {
      const method = cacheMethods(cache, 1000).find(({ path }) => path.endsWith("GetCapabilities"));
      if (method?.kind !== "unary") throw new Error("no such method");
      const answer = await method.answer(Buffer.alloc(0), { right: "read" });
      return decodeCapabilities(answer)?.compressors;
    },
  };
}

test("a blob that comes in a frame is kept as it is, and given in a frame from any byte on", async () => {
  const { write, read, store } = streams(frames);
  const frame = gzipSync(blob);
  expect(await write(frame)).toBe(frame.length);
  expect(store.cas.read(digest)).toEqual(blob);
  expect(gunzipSync(await read(0))).toEqual(blob);
  expect(gunzipSync(await read(23_990))).toEqual(blob.subarray(23_990));
  // Whoever sends it once more hears how long that frame was.
  const other = gzipSync(blob, { level: 1 });
  expect(await write(other)).toBe(other.length);
});

test("what is no frame, or one of something else, is not kept", async () => {
  const { write, store } = streams(frames);
  await expect(write(blob)).rejects.toThrow("no frame of zstd");
  await expect(write(gzipSync(blob).subarray(0, 40))).rejects.toThrow();
  await expect(write(gzipSync(Buffer.from("other")))).rejects.toThrow("not what the digest says");
  const bomb = gzipSync(Buffer.alloc(5_000_000));
  await expect(write(bomb)).rejects.toThrow("not what the digest says");
  expect(store.cas.has(digest)).toBe(false);
});

test("frames are announced where this Node has zstd, and refused elsewhere", async () => {
  const { announced, read } = streams(undefined);
  const hasZstd = findZstd() !== undefined;
  expect(await announced()).toEqual(hasZstd ? [1] : []);
  await expect(read(0)).rejects.toThrow(hasZstd ? "there is no such blob" : "stands for no blob");
});
