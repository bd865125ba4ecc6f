import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { splitDigest } from "../../src/digest/digest.ts";
import { collectOutput } from "../../src/engine/outputs.ts";
import { TreeDirectories } from "../../src/engine/tree-directories.ts";
import { openStore } from "../../src/store/store.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { rigHost } from "../store/store-rig.ts";

/** A store with the tree of one directory in it. */
function rig() {
  const root = temporaryDirectory();
  const host = rigHost();
  const { cas } = openStore(join(root, "store"), host);
  mkdirSync(join(root, "made/inner"), { recursive: true });
  writeFileSync(join(root, "made/inner/file"), "deep");
  const tree = collectOutput({ root }, "made", cas);
  if (tree?.kind !== "tree") throw new Error("a directory is a tree");
  const [blob] = tree === undefined ? [] : [join(root, "store/cas")];
  const directory = join(root, "trees");
  const open = (processId = 1): TreeDirectories =>
    new TreeDirectories(directory, cas, { epochMs: host.epochMs, processId });
  return { root, host, tree, directory, open, blobs: blob ?? "" };
}

test("a tree is laid down once, and shared by builds", () => {
  const { open, tree, directory } = rig();
  const first = open(1).directoryOf(tree);
  expect(readFileSync(join(first ?? "", "inner/file"), "utf8")).toBe("deep");
  const { ino } = statSync(first ?? "");
  expect(open(2).directoryOf(tree)).toBe(first);
  expect(statSync(first ?? "").ino).toBe(ino);
  expect(readdirSync(directory)).toEqual([splitDigest(tree.root).hash]);
});

test("a tree without one of its blobs is undefined, and leaves nothing behind", () => {
  const { open, tree, blobs, directory } = rig();
  rmSync(blobs, { recursive: true });
  expect(open().directoryOf(tree)).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
});

test("what a killed build left half laid down is no hindrance", () => {
  const { open, tree, directory } = rig();
  const draft = join(directory, `${splitDigest(tree.root).hash}.1`);
  mkdirSync(join(draft, "tree/inner"), { recursive: true });
  writeFileSync(join(draft, "tree/inner/file"), "half");
  expect(readFileSync(join(open(1).directoryOf(tree) ?? "", "inner/file"), "utf8")).toBe("deep");
});

test("directories that no build used for a week are removed, and those in use are not", () => {
  const { open, tree, directory, host } = rig();
  open().directoryOf(tree);
  mkdirSync(join(directory, "abandoned.7"));
  const dayMs = 24 * 3600 * 1000;
  host.passMs(5 * dayMs);
  open().directoryOf(tree);
  host.passMs(5 * dayMs);
  open().prune();
  expect(readdirSync(directory)).toEqual([splitDigest(tree.root).hash]);
  host.passMs(5 * dayMs);
  open().prune();
  expect(readdirSync(directory)).toEqual([]);
});

test("there need not be a directory to prune", () => {
  const { open, directory } = rig();
  open().prune();
  expect(existsSync(directory)).toBe(false);
});

test("a directory that cannot be made is an error of the store", () => {
  const { open, tree, directory } = rig();
  writeFileSync(directory, "a file");
  expect(() => open().directoryOf(tree)).toThrow(StoreError);
});
