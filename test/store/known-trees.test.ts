import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { verifyStore } from "../../src/store/verify-store.ts";
import { buildChild, startChild } from "./child-rig.ts";
import { resultOf } from "./result-rig.ts";
import { fileCount, knownTreesRig, storeTree, textOf } from "./known-trees-rig.ts";

const hourMs = 3_600_000;
const unlimited = { maxSizeBytes: 1e15, maxAgeMs: 1e15 };

type Rig = ReturnType<typeof knownTreesRig>;

/** A rig whose tree was found to be whole, and is known to be. */
function knownRig(): Rig {
  const rig = knownTreesRig();
  rig.settle();
  expect(rig.store.cas.hasTree(rig.tree)).toBe(true);
  expect(rig.stamps()).toHaveLength(1);
  return rig;
}

test("a tree that is known to be there whole is not looked at again", () => {
  const { store, tree, open, blobOf } = knownRig();
  // What no directory tells, and one look at the file would.
  chmodSync(blobOf(3), 0o644);
  truncateSync(blobOf(3), 2);
  expect(store.cas.hasTree(tree)).toBe(true);
  expect(open().cas.hasTree(tree)).toBe(true);
});

test("what is damaged is found by who uses it, and then the tree is not there", () => {
  const { store, tree, blobOf, directory } = knownRig();
  chmodSync(blobOf(3), 0o644);
  truncateSync(blobOf(3), 2);
  const file = { digest: digestOf(textOf(3)), executable: false };
  expect(store.cas.link(file, join(directory, "link"))).toBe(false);
  expect(store.cas.hasTree(tree)).toBe(false);
  store.cas.put(Buffer.from(textOf(3)));
  expect(store.cas.hasTree(tree)).toBe(true);
});

describe("a tree is no longer there", () => {
  const losses: readonly (readonly [name: string, lose: (rig: Rig) => void])[] = [
    ["a user deletes a blob", ({ blobOf }) => rmSync(blobOf(5))],
    ["a user deletes one that is executable", ({ blobOf }) => rmSync(blobOf(10))],
    [
      "a user deletes the list of what is in it",
      ({ tree, directory }) => {
        const name = tree.tree.slice(0, 64);
        rmSync(join(directory, "cas", name.slice(0, 2), name));
      },
    ],
    [
      "a user deletes a directory of blobs",
      ({ blobOf }) => rmSync(join(blobOf(5), ".."), { recursive: true }),
    ],
    [
      "a user deletes all blobs",
      ({ directory }) => rmSync(join(directory, "cas"), { recursive: true }),
    ],
    [
      "a user puts another directory in the place of one",
      ({ blobOf, directory }) => {
        renameSync(join(blobOf(5), ".."), join(directory, "away"));
        mkdirSync(join(blobOf(5), ".."));
      },
    ],
    [
      "blobs are collected",
      ({ store, passMs }) => {
        passMs(10 * hourMs);
        for (let index = 1; index < fileCount; index++) store.cas.read(digestOf(textOf(index)));
        store.collect({ ...unlimited, maxAgeMs: hourMs });
      },
    ],
    ["the store is emptied", ({ open }) => void open().empty()],
    ["a blob is dropped", ({ open }) => void open().drop([digestOf(textOf(7))])],
    [
      "a check of the store finds a blob that is damaged",
      ({ blobOf, directory }) => {
        chmodSync(blobOf(9), 0o644);
        writeFileSync(blobOf(9), "FILE 9");
        expect(verifyStore(directory).damaged).toHaveLength(1);
      },
    ],
  ];
  test.each(losses)("once %s", (_, lose) => {
    const rig = knownRig();
    lose(rig);
    expect(rig.isThere()).toBe(false);
    expect(rig.open().cas.hasTree(rig.tree)).toBe(false);
    expect(rig.store.cas.hasTree(rig.tree)).toBe(false);
  });
});

test("a tree is there exactly when each of its blobs is, whatever comes and goes", () => {
  const step = fc.record({
    act: fc.constantFrom("lose", "return", "other", "settle", "ask", "pass"),
    index: fc.integer({ min: 0, max: 4 }),
  });
  const rig = knownTreesRig();
  let others = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      for (const { act, index } of steps) {
        if (act === "lose") rmSync(rig.blobOf(index), { force: true });
        if (act === "return") rig.store.cas.put(Buffer.from(textOf(index)));
        if (act === "other") rig.store.cas.put(Buffer.from(`other ${others++}`));
        if (act === "settle") rig.settle();
        if (act === "pass") rig.passMs(hourMs / 3);
        if (act === "ask") expect(rig.store.cas.hasTree(rig.tree)).toBe(rig.isThere());
      }
      expect(rig.open().cas.hasTree(rig.tree)).toBe(rig.isThere());
    }),
    { numRuns: 15 },
  );
});

test("a change right after the look is not missed, even in the same tick of the clock", () => {
  const rig = knownTreesRig();
  for (let round = 0; round < 20; round++) {
    rig.store.cas.put(Buffer.from(textOf(5)));
    expect(rig.store.cas.hasTree(rig.tree)).toBe(true);
    rmSync(rig.blobOf(5));
    expect(rig.store.cas.hasTree(rig.tree)).toBe(false);
  }
});

test("a tree that is asked for all the while is never collected", () => {
  const { store, tree, open, passMs, isThere } = knownRig();
  for (let round = 0; round < 12; round++) {
    const build = store.beginBuild();
    expect(store.cas.hasTree(tree)).toBe(true);
    passMs(hourMs / 4);
    open().collect({ maxSizeBytes: 0, maxAgeMs: 0 });
    build.end();
    open().collect({ ...unlimited, maxAgeMs: 2 * hourMs });
  }
  expect(isThere()).toBe(true);
});

test("a tree that a live build has asked for stays, however long that build takes", () => {
  const { store, tree, open, passMs, isThere } = knownRig();
  passMs(hourMs * 0.9);
  const build = store.beginBuild();
  expect(store.cas.hasTree(tree)).toBe(true);
  passMs(20 * hourMs);
  open().collect({ maxSizeBytes: 0, maxAgeMs: 0 });
  expect(isThere()).toBe(true);
  build.end();
});

test("a result with a tree that lost a blob is a miss, though its tree was known", () => {
  const { store, tree, blobOf } = knownRig();
  store.actionCache.write(digestOf("key"), resultOf(store.cas, { out: tree }));
  expect(store.actionCache.readComplete(digestOf("key"))).toBeDefined();
  rmSync(blobOf(8));
  expect(store.actionCache.readComplete(digestOf("key"))).toBeUndefined();
});

test("what is known of a tree says nothing of a directory that is not in it", () => {
  const { store, tree } = knownRig();
  expect(store.cas.hasTree({ ...tree, root: digestOf("another directory") })).toBe(false);
  expect(store.cas.hasTree(tree)).toBe(true);
});

test("damage to what is known only costs another look", () => {
  const rig = knownRig();
  const path = join(rig.directory, "complete", rig.stamps()[0] ?? "");
  const whole = readFileSync(path);
  rmSync(rig.blobOf(5));
  const flipped = Buffer.from(whole);
  flipped[whole.byteLength >> 1]! ^= 1;
  for (const bytes of [
    Buffer.alloc(0),
    whole.subarray(0, 3000),
    whole.subarray(0, -38),
    Buffer.alloc(whole.byteLength),
    flipped,
  ]) {
    writeFileSync(path, bytes);
    expect(rig.store.cas.hasTree(rig.tree)).toBe(false);
  }
  rig.store.cas.put(Buffer.from(textOf(5)));
  expect(rig.store.cas.hasTree(rig.tree)).toBe(true);
});

test("where nothing can be noted, each blob is looked at", () => {
  const rig = knownTreesRig();
  writeFileSync(join(rig.directory, "complete"), "not a directory");
  expect(rig.store.cas.hasTree(rig.tree)).toBe(true);
  rmSync(rig.blobOf(5));
  expect(rig.store.cas.hasTree(rig.tree)).toBe(false);
});

test("what is known of trees that nobody asks for goes with time", () => {
  const rig = knownRig();
  rig.passMs(25 * hourMs);
  rig.store.collect(unlimited);
  expect(rig.stamps()).toEqual([]);
  expect(rig.store.cas.hasTree(rig.tree)).toBe(true);
});

test("a collector that is killed at any moment leaves nothing known that is not true", async () => {
  const script = buildChild();
  const rig = knownRig();
  for (let round = 0; round < 3; round++) {
    const tree = storeTree(rig.store);
    const run = startChild(script, ["collect-ahead", rig.directory]);
    await run.hasPrinted(1);
    for (let asked = 0; asked < 1 + round; asked++) {
      rig.settle();
      rig.store.cas.hasTree(tree);
    }
    run.child.kill("SIGKILL");
    await run.exited;
    expect(rig.open().cas.hasTree(tree)).toBe(rig.isThere());
  }
});
