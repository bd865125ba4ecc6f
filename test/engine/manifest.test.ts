import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { addToManifest, readManifest, setsIn } from "../../src/engine/manifest.ts";
import { openStore } from "../../src/store/store.ts";
import { realHost, temporaryDirectory } from "../sandbox/sandbox-rig.ts";

const key = digestOf("a command");

function storeRig() {
  const store = openStore(join(temporaryDirectory(), "cache"), realHost);
  onTestFinished(() => store.close());
  return store;
}

function setOf(...files: readonly string[]) {
  return { files, searches: [{ name: "a.h" }, { name: "b.h", directory: "app" }] };
}

test("nothing is known of a command that never ran", () => {
  expect(readManifest(storeRig(), key)).toEqual([]);
});

test("sets come back as they were, the latest first, each once, for their command alone", () => {
  const store = storeRig();
  addToManifest(store, key, [setOf("a")]);
  addToManifest(store, key, [{ ...setOf("b"), options: ["CONFIG_A"], isWhole: true }]);
  addToManifest(store, key, [setOf("a")]);
  expect(readManifest(store, key)).toEqual([
    setOf("a"),
    { ...setOf("b"), options: ["CONFIG_A"], isWhole: true },
  ]);
  expect(readManifest(store, digestOf("another"))).toEqual([]);
});

test("of many sets the oldest are forgotten", () => {
  const store = storeRig();
  for (let i = 0; i < 20; i++) addToManifest(store, key, [setOf(`f${i}`)]);
  const files = readManifest(store, key).map(({ files: [file] }) => file);
  expect(files).toEqual(["f19", "f18", "f17", "f16", "f15", "f14", "f13", "f12"]);
});

test("a manifest of another machine may hold anything, of which only sets are taken", () => {
  const store = storeRig();
  const good = { ...setOf("a"), options: ["CONFIG_A"], isWhole: true };
  const bad = [
    7,
    null,
    "x",
    { files: "a", searches: [] },
    { files: [1], searches: [] },
    { files: [], searches: [{ name: 1 }] },
    { files: [], searches: [null] },
    { files: [], searches: [], options: "CONFIG" },
    { files: [], searches: [], isWhole: "yes" },
  ];
  const manifest = {
    exitCode: 0,
    outputs: new Map(),
    stdout: store.cas.put(Buffer.from(JSON.stringify([...bad, good]))),
    stderr: store.cas.put(Buffer.alloc(0)),
    wallMs: 0,
  };
  expect(setsIn(manifest, store.cas)).toEqual([good]);
  const object = { ...manifest, stdout: store.cas.put(Buffer.from("{}")) };
  expect(setsIn(object, store.cas)).toEqual([]);
});

test("what is no list of sets is passed over", () => {
  const store = storeRig();
  store.actionCache.write(digestOf(`manifest of ${key}`), {
    exitCode: 0,
    outputs: new Map(),
    stdout: store.cas.put(Buffer.from("{half")),
    stderr: store.cas.put(Buffer.alloc(0)),
    wallMs: 0,
  });
  expect(readManifest(store, key)).toEqual([]);
  addToManifest(store, key, [setOf("a")]);
  expect(readManifest(store, key)).toEqual([setOf("a")]);
});
