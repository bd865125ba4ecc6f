import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, expect, test } from "vitest";

import { type Digest, digestOf } from "../../src/digest/digest.ts";
import { Attempts } from "../../src/remote/attempts.ts";
import { Breaker } from "../../src/remote/breaker.ts";
import { openFolderCache } from "../../src/remote/folder-cache.ts";
import { canMount, runAmongMounts, startChild } from "../store/child-rig.ts";
import { folderBlob, folderBlobs, folderResult, largeBlob } from "./folder-blobs.ts";

const place = mkdtempSync(join(tmpdir(), "kraft-folder-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const script = join(place, "folder-child.mjs");
buildSync({
  entryPoints: [join(import.meta.dirname, "folder-child.ts")],
  outfile: script,
  bundle: true,
  platform: "node",
  format: "esm",
});

let count = 0;

/** A fresh shared folder, and a connection to it. */
function folderRig({ timeoutMs = 60_000 } = {}) {
  const directory = join(place, `share-${count++}`);
  mkdirSync(directory);
  const attempts = new Attempts(new Breaker(() => undefined), { wait: async () => undefined });
  const cache = openFolderCache(
    { kind: "folder", directory },
    { timeoutMs },
    { attempts, epochMs: Date.now },
  );
  const read = async (digest: Digest) => {
    const pieces: Uint8Array[] = [];
    await cache.readBlob(digest, (bytes) => void pieces.push(bytes));
    return Buffer.concat(pieces);
  };
  return { directory, cache, read };
}

test("a blob that the disk takes a part of is none, and is not there", async () => {
  const { directory, cache } = folderRig();
  expect(runOnFullDisk(directory, "write-one")).toBe('"refused"\n');
  const digest = digestOf(largeBlob());
  await expect(cache.readBlob(digest, () => undefined)).rejects.toMatchObject({ kind: "missing" });
  expect(readdirSync(join(directory, "tmp"))).toEqual([]);
});

test("a folder that answers nothing is left alone after the time that it has", async () => {
  const { directory, cache } = folderRig({ timeoutMs: 50 });
  // Nobody ever writes to it, so that opening it takes for ever, as on a mount whose server is gone.
  const key = digestOf("key");
  const path = join(directory, "ac", key.slice(0, 2), key.split("/")[0] ?? "");
  mkdirSync(dirname(path), { recursive: true });
  execFileSync("mkfifo", [path]);
  await expect(cache.readResult(key)).rejects.toMatchObject({ kind: "timeout" });
  // Ends those that wait for it.
  closeSync(openSync(path, "r+"));
});

test("a disk below the folder that is full has no room", (context) => {
  if (!canMount()) context.skip("mounting a file system of its own is not permitted here");
  const { directory } = folderRig();
  const mount = `mount -t tmpfs -o size=256k none ${directory}`;
  expect(runAmongMounts(mount, script, [directory, "write-one"])).toBe("full");
});

test("a blob for which the store has no room is no fault of the remote", async () => {
  const { directory, cache } = folderRig();
  await cache.writeBlob(digestOf(largeBlob()), () => inPieces(largeBlob()));
  const store = join(place, "store");
  expect(runOnFullDisk(directory, "download", store)).toBe("StoreError full, 0 lost\n");
  const files = readdirSync(store, { recursive: true, withFileTypes: true });
  expect(files.filter((entry) => entry.isFile())).toEqual([]);
});

test("a file that is not as long as its blob is not read", async () => {
  const { directory, cache } = folderRig();
  const [right, half, long] = ["right", "half", "long"].map((name) => folderBlob(name, 1000));
  const kept = [
    [right, right],
    [half, half?.subarray(500)],
    [long, folderBlob("long", 5_000_000)],
  ];
  for (const [blob = Buffer.alloc(0), bytes = Buffer.alloc(0)] of kept) {
    const [hash = ""] = digestOf(blob).split("/");
    const shard = join(directory, "cas", hash.slice(0, 2));
    mkdirSync(shard, { recursive: true });
    writeFileSync(join(shard, hash), bytes);
  }
  const digests = kept.map(([blob = Buffer.alloc(0)]) => digestOf(blob));
  expect([...(await cache.readBatch(digests)).keys()]).toEqual([digests[0]]);
  let taken = 0;
  const take = (bytes: Uint8Array) => void (taken += bytes.byteLength);
  for (const digest of digests.slice(1)) {
    await expect(cache.readBlob(digest, take)).rejects.toMatchObject({ kind: "missing" });
  }
  expect(taken).toBe(0);
});

test("what several processes write at once is all there, and right", async () => {
  const { directory, cache, read } = folderRig();
  const writers = ["0", "7", "13", "19"];
  const children = writers.map((name) => startChild(script, [directory, "write", name]));
  await Promise.all(children.map(({ hasPrinted }) => hasPrinted(1)));
  for (const { child } of children) child.stdin.end("begin\n");
  expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0, 0, 0]);

  const blobs = [...folderBlobs(), ...writers.map((name) => folderBlob(`of ${name}`, 70_000))];
  const digests = blobs.map((bytes) => digestOf(bytes));
  expect(await cache.findMissing(digests)).toEqual([]);
  for (const digest of digests) expect(digestOf(await read(digest))).toBe(digest);
  for (const name of writers) {
    const result = await cache.readResult(digestOf(`key ${name}`));
    expect(digestOf(result ?? "")).toBe(digestOf(folderResult(name)));
  }
  // That of one of them, and no mixture.
  const shared = digestOf((await cache.readResult(digestOf("key shared"))) ?? "");
  expect(writers.map((name) => digestOf(folderResult(name)))).toContain(shared);
  expect(readdirSync(join(directory, "tmp"))).toEqual([]);
});

test("who reads a blob while others write it has all of it, or none", async () => {
  const { cache, read } = folderRig();
  const bytes = folderBlob("read and written", 3_000_000);
  const digest = digestOf(bytes);
  const write = () => cache.writeBlob(digest, (offset) => inPieces(bytes.subarray(offset)));
  let isOver = false;
  const writing = Promise.all([write(), write(), write()]).finally(() => (isOver = true));
  do {
    const found = await read(digest).catch((error: unknown) => error);
    if (found instanceof Buffer) expect(digestOf(found)).toBe(digest);
    else expect(found).toMatchObject({ kind: "missing" });
  } while (!isOver);
  await writing;
  expect(digestOf(await read(digest))).toBe(digest);
});

/**
 * Runs a child that can make no file longer than 64 blocks: the call that comes to it writes a part,
 * and the next one fails, as on a disk that gets full. Gives what it printed.
 */
function runOnFullDisk(...args: readonly string[]): string {
  const argv = ["-c", 'ulimit -f 64 && exec "$@"', "sh", process.execPath, script, ...args];
  const { stdout, stderr } = spawnSync("sh", argv, { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout;
}

async function* inPieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}
