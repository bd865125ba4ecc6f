import { appendFileSync, linkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { storeStatistics } from "../../src/store/statistics.ts";
import { openStore } from "../../src/store/store.ts";
import { fileOf, resultOf } from "./result-rig.ts";
import { rigHost, temporaryDirectory } from "./store-rig.ts";

const block = 4096;
const hourMs = 3_600_000;

/** A store with the results of an object and of the kernel that was linked of it. */
function storeRig() {
  const directory = temporaryDirectory();
  const host = rigHost();
  const store = openStore(directory, host);
  const { cas, actionCache } = store;
  const [object, kernel] = [digestOf("object"), digestOf("kernel")];
  actionCache.write(digestOf("compile"), resultOf(cas, { "a.o": fileOf(cas, "object") }));
  actionCache.write(digestOf("link"), resultOf(cas, { kernel: fileOf(cas, "kernel") }));
  return { ...host, directory, host, store, cas, actionCache, object, kernel };
}

test("a blob that is dropped is gone, and the result that names it stays", () => {
  const { store, cas, actionCache, object, kernel } = storeRig();
  expect(store.drop([object])).toEqual({ blobs: 1, freedBytes: block });
  expect([cas.has(object), cas.has(kernel)]).toEqual([false, true]);
  expect(actionCache.read(digestOf("compile"))?.outputs.get("a.o")).toMatchObject({
    digest: object,
  });
  expect(actionCache.readComplete(digestOf("compile"))).toBeUndefined();
  expect(store.drop([object])).toEqual({ blobs: 0, freedBytes: 0 });
});

test("a collection keeps results whose blobs were dropped, and removes those that lost one", () => {
  const { store, cas, actionCache, object, kernel, passMs } = storeRig();
  store.drop([object]);
  passMs(2 * hourMs);
  // Used since: the two results, and the only blob that both need.
  for (const key of ["compile", "link"]) actionCache.read(digestOf(key));
  cas.has(digestOf("warning: unused\n"));
  const sizes = { maxSizeBytes: 3 * block, maxAgeMs: 1e15 };
  expect(store.collect(sizes)).toMatchObject({ removedBlobs: 1, removedResults: 1 });
  expect(cas.has(kernel)).toBe(false);
  expect(actionCache.read(digestOf("compile"))).toBeDefined();
  expect(actionCache.read(digestOf("link"))).toBeUndefined();
});

test("statistics tell what dropping saves, until the blob is there again", () => {
  const { directory, store, cas, object } = storeRig();
  expect(storeStatistics(directory).dropped).toEqual({ blobs: 0, bytes: 0 });
  store.drop([object]);
  expect(storeStatistics(directory).dropped).toEqual({ blobs: 1, bytes: block });
  cas.put(Buffer.from("object"));
  expect(storeStatistics(directory).dropped).toEqual({ blobs: 0, bytes: 0 });
});

test("what a killed build left of the list of dropped blobs hides nothing else", () => {
  const { directory, store, object } = storeRig();
  store.drop([object]);
  appendFileSync(join(directory, "dropped"), object.slice(0, 20));
  expect(storeStatistics(directory).dropped.blobs).toBe(1);
});

test("nothing is dropped while a build is at work", () => {
  const { directory, host, store, cas, object } = storeRig();
  const other = openStore(directory, host).beginBuild();
  expect(store.drop([object]).blobs).toBe(0);
  expect(cas.has(object)).toBe(true);
  other.end();
  expect(store.drop([object]).blobs).toBe(1);
});

test("a blob that something outside the store links to stays, as dropping it frees nothing", () => {
  const { store, cas, object } = storeRig();
  const file = { digest: object, executable: false };
  linkSync(cas.pathOf(file) ?? "", join(temporaryDirectory(), "a.o"));
  expect(store.drop([object])).toEqual({ blobs: 0, freedBytes: 0 });
  expect(cas.has(object)).toBe(true);
});

test("both forms of a blob are dropped, and the empty blob never is", () => {
  const { store, cas, object } = storeRig();
  cas.pathOf({ digest: object, executable: true });
  expect(store.drop([object, digestOf("")])).toEqual({ blobs: 1, freedBytes: 2 * block });
  expect(cas.has(digestOf(""))).toBe(true);
});
