import { linkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { storeStatistics } from "../../src/store/statistics.ts";
import { openStore } from "../../src/store/store.ts";
import { fileOf, resultOf } from "./result-rig.ts";
import { rigHost, temporaryDirectory } from "./store-rig.ts";

function storeRig() {
  const directory = temporaryDirectory();
  const host = rigHost();
  return { directory, host, store: openStore(directory, host) };
}

test("blobs are counted by the kind of action that left them", () => {
  const { directory, store } = storeRig();
  const { cas, actionCache } = store;
  const add = (key: string, mnemonic: string | undefined, text: string): void => {
    const result = resultOf(cas, { out: fileOf(cas, text) }, `printed by ${key}`);
    actionCache.write(digestOf(key), { ...result, ...(mnemonic !== undefined && { mnemonic }) });
  };
  add("1", "CC", "object");
  add("2", "CC", "x".repeat(5000));
  add("3", "LD", "kernel");
  add("4", undefined, "of an older version");
  cas.put(Buffer.from("a list of sources"));
  const { kinds, blobs, results } = storeStatistics(directory);
  expect(kinds.map(({ kind, blobs: count, bytes }) => [kind, count, bytes])).toEqual([
    ["streams", 4, 16384],
    ["CC", 2, 12288],
    ["LD", 1, 4096],
    ["unknown", 1, 4096],
    ["unnamed", 1, 4096],
  ]);
  expect({ blobs, results }).toEqual({ blobs: 9, results: 4 });
});

test("what is linked to from outside is told apart", () => {
  const { directory, store } = storeRig();
  const node = { digest: store.cas.put(Buffer.from("kernel")), executable: false };
  store.cas.put(Buffer.from("nobody's"));
  linkSync(store.cas.pathOf(node) ?? "", join(temporaryDirectory(), "kernel"));
  expect(storeStatistics(directory).kinds).toEqual([
    { kind: "unnamed", blobs: 2, bytes: 8192, sharedBytes: 4096 },
  ]);
});

test("looking at a store is no use of it", () => {
  const { directory, host, store } = storeRig();
  const result = resultOf(store.cas, { out: fileOf(store.cas, "object") });
  store.actionCache.write(digestOf("key"), result);
  const before = storeStatistics(directory);
  host.passMs(10 * 86_400_000);
  expect(storeStatistics(directory)).toEqual(before);
});

test("an empty store has no kinds and no uses", () => {
  const { directory } = storeRig();
  expect(storeStatistics(directory)).toEqual({
    kinds: [],
    blobs: 0,
    dropped: { blobs: 0, bytes: 0 },
    blobBytes: 0,
    results: 0,
    resultBytes: 0,
  });
});
