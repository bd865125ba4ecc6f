import { expect, test } from "vitest";

import { encodeActionResult } from "../../src/action/reapi-result.ts";
import { type Digest, digestOf } from "../../src/digest/digest.ts";
import type { RemoteCache } from "../../src/remote/remote-cache.ts";

/** What every backend does, against a real server. `open` gives another connection each time. */
export function cacheConformance(open: () => Promise<RemoteCache>): void {
  test("has no result and no blob of what nobody gave", async () => {
    const cache = await open();
    const [a, b] = [fresh("absent"), fresh("absent")].map((bytes) => digestOf(bytes));
    expect(await cache.readResult(a as Digest)).toBeUndefined();
    expect(await cache.findMissing([a, b] as Digest[])).toEqual([a, b]);
    expect(await cache.readBatch([a as Digest])).toEqual(new Map());
    await expect(cache.readBlob(a as Digest, () => undefined)).rejects.toMatchObject({
      kind: "missing",
    });
  });

  test("gives a batch of blobs as it was given", async () => {
    const cache = await open();
    const blobs = new Map(
      Array.from({ length: 50 }, (_, i) => fresh(`small ${i}`)).map((b) => [digestOf(b), b]),
    );
    expect(await cache.writeBatch(blobs)).toEqual([]);
    expect(await cache.findMissing([...blobs.keys()])).toEqual([]);
    const read = await (await open()).readBatch([...blobs.keys()]);
    expect(textsOf(read)).toEqual(textsOf(blobs));
  });

  test("gives a blob as it was given that no batch can hold", async () => {
    const cache = await open();
    const bytes = Buffer.concat(Array.from({ length: 70_000 }, () => fresh("large")));
    const digest = digestOf(bytes);
    await cache.writeBlob(digest, (offset) => piecesOf(bytes.subarray(offset)));
    expect(await cache.findMissing([digest])).toEqual([]);
    // By then somebody else may have given it.
    await cache.writeBlob(digest, (offset) => piecesOf(bytes.subarray(offset)));
    const pieces: Uint8Array[] = [];
    await (await open()).readBlob(digest, (piece) => void pieces.push(Buffer.from(piece)));
    expect(digestOf(Buffer.concat(pieces))).toBe(digest);
  });

  test("gives a result as it was given, with its blobs", async () => {
    const cache = await open();
    const [file, printed] = [fresh("file"), fresh("printed")];
    await cache.writeBatch(new Map([file, printed].map((bytes) => [digestOf(bytes), bytes])));
    const key = digestOf(fresh("key"));
    const result = encodeActionResult({
      exitCode: 0,
      outputs: new Map([
        ["out/a", { kind: "file", digest: digestOf(file), executable: true }],
        ["out/link", { kind: "symlink", target: "a" }],
      ]),
      stdout: digestOf(printed),
      stderr: digestOf(""),
      wallMs: 5,
      mnemonic: "Test",
    });
    await cache.writeResult(key, result);
    const read = await (await open()).readResult(key);
    expect(Buffer.from(read ?? []).includes(Buffer.from("out/link"))).toBe(true);
    // Results may be written anew, as sets of what compilers read are.
    await cache.writeResult(key, result);
  });
}

let count = 0;

/** Bytes that no server has seen. */
export function fresh(what: string): Buffer {
  return Buffer.from(`${what} ${process.pid} ${performance.now()} ${count++}\n`);
}

export async function* piecesOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 300_000) yield bytes.subarray(at, at + 300_000);
}

function textsOf(blobs: ReadonlyMap<Digest, Uint8Array>): string[] {
  return [...blobs].map(([digest, bytes]) => `${digest} ${Buffer.from(bytes).toString()}`).sort();
}
