import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";

import { type Digest, digestOf } from "../../src/digest/digest.ts";
import { openStore } from "../../src/store/store.ts";
import { readTree } from "../../src/store/tree.ts";
import { fileOf, resultOf } from "./result-rig.ts";
import { filesBelow, rigHost, temporaryDirectory } from "./store-rig.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const unlimited = { maxSizeBytes: 1e15, maxAgeMs: 1e15 };
/** Takes all that is not spared. */
const nothing = { maxSizeBytes: 0, maxAgeMs: 0 };
const block = 4096;

function storeRig() {
  const directory = temporaryDirectory();
  const host = rigHost();
  const store = openStore(directory, host);
  const put = (text: string) => store.cas.put(Buffer.from(text));
  return { ...host, directory, store, put, open: () => openStore(directory, host) };
}

test("a store that was counted and is within its limits has nothing to do", () => {
  const { store, put, passMs } = storeRig();
  put("a");
  expect(store.collect(unlimited)).toMatchObject({ kind: "collected", keptFiles: 1 });
  put("b");
  passMs(hourMs);
  expect(store.collect(unlimited)).toEqual({ kind: "nothing-to-do" });
});

test("a store that is new is not counted after its first build, but soon, and from then on as others", () => {
  const host = rigHost();
  const directory = join(temporaryDirectory(), "new");
  const store = openStore(directory, host);
  store.cas.put(Buffer.from("a"));
  store.close();
  expect(store.collect(unlimited)).toEqual({ kind: "nothing-to-do" });
  expect(openStore(directory, host).sizeBytes()).toBe(block);
  host.passMs(hourMs);
  expect(openStore(directory, host).collect(unlimited)).toMatchObject({ kind: "collected" });
});

test("a store is counted again each day, as killed builds did not tell what they added", () => {
  const { store, put, passMs } = storeRig();
  put("a");
  store.collect(unlimited);
  passMs(dayMs + hourMs);
  expect(store.collect(unlimited)).toMatchObject({ kind: "collected", keptBytes: block });
});

test("another process knows from the estimate that the store has grown too large", () => {
  const { store, put, open, passMs } = storeRig();
  store.collect(unlimited);
  for (const text of ["a", "b", "c"]) put(text);
  store.close();
  passMs(2 * hourMs);
  const limits = { ...unlimited, maxSizeBytes: 3 * block };
  expect(open().collect(limits)).toEqual({ kind: "nothing-to-do" });
  expect(open().collect({ ...limits, maxSizeBytes: 2 * block })).toEqual({
    kind: "collected",
    removedBlobs: 2,
    removedResults: 0,
    freedBytes: 2 * block,
    keptFiles: 1,
    keptBytes: block,
  });
});

test("a damaged estimate makes the store count again", () => {
  const { directory, store, put, passMs } = storeRig();
  put("a");
  for (const text of ["", "count", "count 1 2\n", "count 1 2 3\nadded many\n", "\0\0\0"]) {
    store.collect(unlimited);
    passMs(1);
    writeFileSync(join(directory, "size"), text);
    expect(store.collect(unlimited).kind, JSON.stringify(text)).toBe("collected");
  }
});

test("what was used least recently goes first", () => {
  const { store, put, passMs } = storeRig();
  const digests: Digest[] = [];
  for (const text of ["a", "b", "c", "d"]) {
    digests.push(put(text));
    passMs(2 * hourMs);
  }
  const [a, b, c, d] = digests as [Digest, Digest, Digest, Digest];
  store.cas.read(a);
  passMs(2 * hourMs);
  store.collect({ ...unlimited, maxSizeBytes: 3 * block });
  expect([a, b, c, d].map((digest) => store.cas.has(digest))).toEqual([true, false, false, true]);
});

test("every way to use a blob counts as a use", () => {
  for (const use of ["has", "read", "pathOf", "put", "link", "readComplete"] as const) {
    const { directory, store, put, passMs } = storeRig();
    const digest = put("stdout");
    const file = { digest, executable: false };
    const key = digestOf("key");
    store.actionCache.write(key, resultOf(store.cas, {}, "stdout"));
    passMs(10 * dayMs);
    if (use === "has") store.cas.has(digest);
    if (use === "read") store.cas.read(digest);
    if (use === "pathOf") store.cas.pathOf(file);
    if (use === "put") put("stdout");
    if (use === "link") store.cas.link(file, join(directory, "linked"));
    if (use === "readComplete") store.actionCache.readComplete(key);
    passMs(2 * hourMs);
    store.collect({ ...unlimited, maxAgeMs: dayMs });
    expect(filesBelow(join(directory, "cas")), use).toHaveLength(1);
    expect(filesBelow(join(directory, "ac")), use).toHaveLength(use === "readComplete" ? 1 : 0);
  }
});

test("what nobody used for too long goes, however small the store", () => {
  const { directory, store, put, passMs } = storeRig();
  put("old");
  store.actionCache.write(digestOf("key"), resultOf(store.cas));
  passMs(31 * dayMs);
  const young = put("young");
  store.collect({ ...unlimited, maxAgeMs: 30 * dayMs });
  expect(filesBelow(join(directory, "ac"))).toEqual([]);
  expect(filesBelow(join(directory, "cas"))).toHaveLength(1);
  expect(store.cas.has(young)).toBe(true);
});

test("both forms of a blob can go, each by its own use", () => {
  const { directory, store, put, passMs } = storeRig();
  const digest = put("tool");
  store.cas.pathOf({ digest, executable: true });
  passMs(2 * dayMs);
  store.cas.pathOf({ digest, executable: true });
  store.collect({ ...unlimited, maxAgeMs: dayMs });
  expect(filesBelow(join(directory, "cas"))).toEqual([
    join(digest.slice(0, 2), `${digest.slice(0, 64)}.x`),
  ]);
});

test("a result goes with any of its blobs, even one deep in a tree", () => {
  const { directory, store, put, passMs } = storeRig();
  const work = temporaryDirectory();
  mkdirSync(join(work, "sub"));
  writeFileSync(join(work, "sub", "deep"), "deep");
  const stats = store.openStatCache(work);
  const tree = readTree(work, { modes: false, fileAt: (path) => stats.fileAt(path) });
  const deep = put("deep");
  passMs(2 * dayMs);
  store.cas.put(tree.bytes);
  store.actionCache.write(digestOf("tree"), resultOf(store.cas, { tree: tree.node }));
  store.actionCache.write(digestOf("other"), resultOf(store.cas, { out: fileOf(store.cas, "x") }));
  expect(store.collect({ ...unlimited, maxAgeMs: dayMs })).toMatchObject({
    removedBlobs: 1,
    removedResults: 1,
  });
  expect(store.cas.has(deep)).toBe(false);
  expect(store.actionCache.read(digestOf("tree"))).toBeUndefined();
  expect(store.actionCache.readComplete(digestOf("other"))).toBeDefined();
  expect(filesBelow(join(directory, "ac"))).toHaveLength(1);
});

test("whatever a live build stored or used stays, whatever the limits", () => {
  const step = fc.record({
    act: fc.constantFrom("put", "has", "link", "write", "readComplete", "pass", "collect"),
    number: fc.integer({ min: 0, max: 5 }),
    passMs: fc.integer({ min: 0, max: 3 * hourMs }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 15 }),
      fc.array(step, { maxLength: 20 }),
      (before, during) => {
        const { store, passMs } = storeRig();
        const used = new Set<Digest>();
        const results = new Set<Digest>();
        const run = (steps: typeof before) => {
          for (const { act, number, passMs: durationMs } of steps) {
            const text = `${number}`;
            const digest = digestOf(text);
            if (act === "put") used.add(store.cas.put(Buffer.from(text)));
            if (act === "has" && store.cas.has(digest)) used.add(digest);
            if (act === "write") {
              store.actionCache.write(digest, resultOf(store.cas, {}, text));
              results.add(digest);
            }
            if (act === "readComplete" && store.actionCache.readComplete(digest))
              results.add(digest);
            if (act === "pass") passMs(durationMs);
            if (act === "collect") store.collect(nothing);
          }
        };
        run(before);
        used.clear();
        results.clear();
        const build = store.beginBuild();
        run(during);
        store.collect(nothing);
        for (const digest of used) expect(store.cas.read(digest)).toBeDefined();
        for (const key of results) expect(store.actionCache.readComplete(key)).toBeDefined();
        build.end();
        passMs(2 * hourMs);
        expect(store.collect(nothing)).toMatchObject({ keptFiles: 0, keptBytes: 0 });
      },
    ),
    { numRuns: 60 },
  );
});

test("a use that was too soon after another to be recorded still spares the blob", () => {
  const { store, put, passMs } = storeRig();
  const digest = put("a");
  passMs(hourMs / 2);
  const build = store.beginBuild();
  passMs(hourMs / 3);
  store.cas.has(digest);
  passMs(dayMs);
  store.collect(nothing);
  expect(store.cas.has(digest)).toBe(true);
  build.end();
});

test("what nobody uses goes although a build is live", () => {
  const { store, put, passMs } = storeRig();
  const digest = put("a");
  passMs(dayMs);
  const build = store.beginBuild();
  store.collect(nothing);
  expect(store.cas.has(digest)).toBe(false);
  build.end();
});

test("drafts go once no live build can be writing them", () => {
  const { directory, store, passMs } = storeRig();
  const draft = join(directory, "tmp", "draft");
  writeFileSync(draft, "half a b");
  mkdirSync(join(directory, "tmp", "directory", "below"), { recursive: true });
  const build = store.beginBuild();
  passMs(2 * dayMs);
  store.collect(unlimited);
  expect(filesBelow(join(directory, "tmp"))).toEqual(["draft"]);
  build.end();
  passMs(2 * dayMs);
  store.collect(unlimited);
  expect(statSync(draft, { throwIfNoEntry: false })).toBeUndefined();
  expect(statSync(join(directory, "tmp", "directory"), { throwIfNoEntry: false })).toBeUndefined();
});

test("what is known of a workspace goes when nobody builds it any more", () => {
  const { directory, store, passMs } = storeRig();
  const work = temporaryDirectory();
  writeFileSync(join(work, "a.c"), "x");
  const stats = store.openStatCache(work);
  stats.fileAt(join(work, "a.c"));
  stats.save();
  store.collect({ ...unlimited, maxAgeMs: 40 * dayMs });
  expect(filesBelow(join(directory, "stat"))).toHaveLength(1);
  passMs(41 * dayMs);
  store.collect({ ...unlimited, maxAgeMs: 40 * dayMs });
  expect(filesBelow(join(directory, "stat"))).toEqual([]);
});

test("a store that is gone, or was never used, is collected without complaint", () => {
  const { directory, store } = storeRig();
  expect(store.collect(nothing)).toMatchObject({ kind: "collected", keptFiles: 0 });
  rmSync(directory, { recursive: true });
  expect(store.collect(nothing)).toMatchObject({ kind: "collected", keptFiles: 0 });
});
