import { expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { CallTrace, type RemoteCall } from "../../src/remote/call-trace.ts";
import type { RemoteCache } from "../../src/remote/remote-cache.ts";
import { RemoteError } from "../../src/remote/remote-error.ts";
import { tracedCache } from "../../src/remote/traced-cache.ts";

const [one, two] = [digestOf(Buffer.from("one")), digestOf(Buffer.from("twotwo"))];

/** Answers at once, but for results, which it refuses. */
const inner: RemoteCache = {
  abilities: () =>
    Promise.resolve({
      canUpdate: true,
      batch: { totalBytes: 1, blobs: 1 },
      asksMany: false,
      maxBlobBytes: 1,
    }),
  readResult: () => Promise.resolve(undefined),
  writeResult: () => Promise.reject(new RemoteError("refused", "no")),
  findMissing: (digests) => Promise.resolve(digests),
  readBatch: () => Promise.resolve(new Map()),
  writeBatch: () => Promise.resolve([]),
  readBlob: (_, take) => Promise.resolve(take(Buffer.from("one"))),
  writeBlob: () => Promise.resolve(),
  close: () => undefined,
};

test("each request is told with its time and its size, and answers are passed on", async () => {
  const told: RemoteCall[] = [];
  let nowMs = 0;
  const now = () => (nowMs += 2);
  const trace = new CallTrace({ now, tell: (call) => void told.push(call) });
  const cache = tracedCache(inner, trace);
  expect(await cache.readResult(one)).toBeUndefined();
  expect(await cache.findMissing([one, two])).toEqual([one, two]);
  let read = "";
  await cache.readBlob(one, (bytes) => void (read += Buffer.from(bytes).toString()));
  expect(read).toBe("one");
  await expect(cache.writeResult(one, Buffer.from(""))).rejects.toThrow("no");
  expect(told).toEqual([
    { call: "readResult", wallMs: 2, ok: true },
    { call: "findMissing", wallMs: 2, ok: true, blobs: 2, bytes: 9 },
    { call: "readBlob", wallMs: 2, ok: true, blobs: 1, bytes: 3 },
    { call: "writeResult", wallMs: 2, ok: false },
  ]);
});
