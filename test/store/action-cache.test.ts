import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

import { decodeActionResult } from "../../src/action/reapi-result.ts";
import { digestOf } from "../../src/digest/digest.ts";
import { openStore } from "../../src/store/store.ts";
import { type ActionCacheRig, actionCacheConformance } from "./action-cache-conformance.ts";
import { fileOf, resultOf } from "./result-rig.ts";
import { filesBelow, rigHost, temporaryDirectory } from "./store-rig.ts";

const key = digestOf("action");

function openOnDisk(): ActionCacheRig & { directory: string } {
  const directory = temporaryDirectory();
  const store = openStore(directory, rigHost());
  const { cas, actionCache } = store;
  return {
    directory,
    cas,
    actionCache,
    stats: store.openStatCache("/"),
    workplace: temporaryDirectory(),
    lose: (digest) => rmSync(cas.pathOf({ digest, executable: false }) ?? ""),
  };
}

actionCacheConformance("an action cache on disk", openOnDisk);

/** The file of the only result in the store. */
function onlyEntry(directory: string): string {
  const [entry = ""] = filesBelow(join(directory, "ac"));
  return join(directory, "ac", entry);
}

test("the file of a result is a REAPI message that other tools can read", () => {
  const { directory, cas, actionCache } = openOnDisk();
  const result = resultOf(cas, { out: fileOf(cas, "text") });
  actionCache.write(key, result);
  expect(decodeActionResult(readFileSync(onlyEntry(directory)))).toEqual(result);
});

test("a result with any one byte changed is a miss, and gone", () => {
  const { directory, cas, actionCache } = openOnDisk();
  actionCache.write(key, resultOf(cas, { out: fileOf(cas, "text") }));
  const path = onlyEntry(directory);
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.byteLength; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0x20;
    writeFileSync(path, damaged);
    expect(actionCache.read(key)).toBeUndefined();
    expect(filesBelow(join(directory, "ac"))).toEqual([]);
  }
});

test("a result that was cut short is a miss", () => {
  const { directory, cas, actionCache } = openOnDisk();
  actionCache.write(key, resultOf(cas, { out: fileOf(cas, "text") }));
  const path = onlyEntry(directory);
  const bytes = readFileSync(path);
  for (let length = 0; length < bytes.byteLength; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    expect(actionCache.read(key)).toBeUndefined();
  }
});

test("a result under the name of another key is a miss", () => {
  const { directory, cas, actionCache } = openOnDisk();
  actionCache.write(key, resultOf(cas));
  const other = digestOf("other");
  const path = join(directory, "ac", other.slice(0, 1), other.slice(0, 64));
  mkdirSync(dirname(path), { recursive: true });
  renameSync(onlyEntry(directory), path);
  expect(actionCache.read(other)).toBeUndefined();
});

test("a result can be written again where a damaged one was", () => {
  const { directory, cas, actionCache } = openOnDisk();
  actionCache.write(key, resultOf(cas));
  writeFileSync(onlyEntry(directory), "damaged");
  expect(actionCache.read(key)).toBeUndefined();
  actionCache.write(key, resultOf(cas));
  expect(actionCache.readComplete(key)).toEqual(resultOf(cas));
});
