import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { type Digest, digestOf, emptyDigest } from "../../src/digest/digest.ts";
import type { RemoteCache } from "../../src/remote/remote-cache.ts";
import { RemoteError } from "../../src/remote/remote-error.ts";
import { type Upload, Uploads } from "../../src/remote/uploads.ts";
import { openCas } from "../../src/store/disk-cas.ts";

/** A cache in memory that notes what it is asked, and uploads to it. */
function uploadsRig() {
  const directory = mkdtempSync(join(tmpdir(), "kraft-uploads-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const cas = openCas(directory, { epochMs: () => 0 });
  const [blobs, results] = [new Map<Digest, Uint8Array>(), new Map<Digest, Uint8Array>()];
  const asked: string[] = [];
  let takesResults = true;
  const cache: RemoteCache = {
    abilities: () => Promise.reject(new Error("bug: asked too late")),
    readResult: async (key) => {
      asked.push("result");
      return results.get(key);
    },
    writeResult: async (key, bytes) => {
      if (!takesResults) throw new RemoteError("refused", "not now");
      results.set(key, bytes);
    },
    findMissing: async (digests) => {
      asked.push(`missing ${digests.length}`);
      return digests.filter((digest) => !blobs.has(digest));
    },
    readBatch: async () => new Map(),
    writeBatch: async (some) => {
      for (const [digest, bytes] of some) blobs.set(digest, bytes);
      return [];
    },
    readBlob: async () => undefined,
    writeBlob: async () => undefined,
    close: () => undefined,
  };
  const abilities = {
    canUpdate: true,
    batch: { totalBytes: 1000, blobs: 100 },
    asksMany: true,
    maxBlobBytes: Infinity,
  };
  const uploads = () => new Uploads({ cache, abilities, cas, stopped: () => undefined });
  return {
    cas,
    blobs,
    results,
    asked,
    uploads,
    refuseResults: (refuses: boolean) => {
      takesResults = !refuses;
    },
  };
}

/** The result of an action that printed `text`, which was known here. */
function known(text: string, stdout: Digest): Upload {
  const action = Buffer.from(`the Action of ${text}`);
  const key = digestOf(action);
  const result = { exitCode: 0, outputs: new Map(), stdout, stderr: emptyDigest, wallMs: 1 };
  return { key, result, about: new Map([[key, action]]), isKnown: true };
}

test("of results that were known here, those are given that the remote lacks", async () => {
  const { cas, uploads, results, blobs, asked } = uploadsRig();
  const some = Array.from({ length: 50 }, (_, i) => known(`${i}`, cas.put(Buffer.from(`${i}`))));
  const first = uploads();
  for (const one of some) first.add(one);
  await first.drained();
  expect(first.counts).toEqual({ uploaded: 50, failed: 0 });
  expect(results.size).toBe(50);
  expect(blobs.size).toBe(100);

  asked.length = 0;
  const second = uploads();
  const more = known("more", cas.put(Buffer.from("more")));
  for (const one of [...some, more]) second.add(one);
  await second.drained();
  expect(second.counts).toEqual({ uploaded: 1, failed: 0 });
  // One question for all of them, and one for the blobs of the one that is not there.
  expect(asked).toEqual(["missing 51", "missing 2"]);
});

test("a result that could not be given is given by the next build that knows it", async () => {
  const { cas, uploads, results, refuseResults } = uploadsRig();
  const one = known("one", cas.put(Buffer.from("one")));
  refuseResults(true);
  const first = uploads();
  first.add(one);
  await first.drained();
  expect(first.counts).toEqual({ uploaded: 0, failed: 1 });
  refuseResults(false);
  const second = uploads();
  second.add(one);
  await second.drained();
  expect([...results.keys()]).toEqual([one.key]);
});

test("a known result of which files are gone is no failure", async () => {
  const { uploads } = uploadsRig();
  const given = uploads();
  given.add(known("one", digestOf("what nobody kept")));
  await given.drained();
  expect(given.counts).toEqual({ uploaded: 0, failed: 0 });
});

test("a known result without an Action is asked for by itself", async () => {
  const { uploads, results, asked } = uploadsRig();
  const { result, isKnown } = known("one", emptyDigest);
  const upload: Upload = {
    key: digestOf("its key"),
    result,
    about: new Map(),
    ...(isKnown && { isKnown }),
  };
  for (let i = 0; i < 2; i++) {
    const given = uploads();
    given.add(upload);
    await given.drained();
  }
  expect(asked).toEqual(["result", "result"]);
  expect(results.size).toBe(1);
});

test("more results than may wait are not given, and no build waits for that", async () => {
  const { cas, uploads, results } = uploadsRig();
  const given = uploads();
  const many = known("many", cas.put(Buffer.from("many")));
  const late = known("late", cas.put(Buffer.from("late")));
  for (let i = 0; i < 20_000; i++) given.add(many);
  given.add(late);
  expect(given.pending).toBe(20_000);
  expect(given.counts).toEqual({ uploaded: 0, failed: 1 });
  await given.drained();
  expect([...results.keys()]).toEqual([many.key]);
  // There is room again.
  given.add(late);
  await given.drained();
  expect([...results.keys()]).toEqual([many.key, late.key]);
  expect(given.counts.failed).toBe(1);
});

test("what the remote is known to have is not asked for again in later rounds", async () => {
  const { cas, uploads, asked, results } = uploadsRig();
  const printed = cas.put(Buffer.from("printed by both"));
  const given = uploads();
  const giving = async ({ key, result, about }: Upload) => {
    asked.length = 0;
    given.add({ key, result, about });
    await given.drained();
    return [...asked];
  };
  const one = known("one", printed);
  expect(await giving(one)).toEqual(["missing 2"]);
  // Of the other, only its own Action is not known.
  expect(await giving(known("other", printed))).toEqual(["missing 1"]);
  expect(await giving(one)).toEqual([]);
  expect(results.size).toBe(2);
  // Another build asks for itself.
  const later = uploads();
  asked.length = 0;
  later.add(one);
  await later.drained();
  expect(asked).toEqual(["missing 1"]);
});
