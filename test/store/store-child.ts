// What the tests of several processes run in each: `node store-child.mjs <command> <directory> …`.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ActionResult } from "../../src/action/result.ts";
import { digestOf } from "../../src/digest/digest.ts";
import { type Store, openStore } from "../../src/store/store.ts";
import { StoreError } from "../../src/store/store-error.ts";

const [command = "", directory = "", ...args] = process.argv.slice(2);

/** Blob number `index`: some are empty, some are larger than one read. */
function blobOf(index: number): Buffer {
  const sizeBytes = index % 17 === 0 ? 1_300_000 : (index * 37) % 5000;
  return Buffer.alloc(sizeBytes, `blob ${index} `);
}

function open(): Store {
  return openStore(directory, { epochMs: Date.now, processId: process.pid });
}

/** Stores blobs and results from `first` on, and prints the number of each that is stored. */
function write(first: number, count: number): void {
  const store = open();
  const own = join(directory, "..", `work-${process.pid}`);
  const stats = store.openStatCache("/");
  for (let index = first; index < first + count; index++) {
    const bytes = blobOf(index);
    const digest = index % 2 === 0 ? store.cas.put(bytes) : importOf(store, own, bytes);
    store.cas.pathOf({ digest, executable: index % 3 === 0 });
    const result: ActionResult = {
      exitCode: 0,
      outputs: new Map([["out", { kind: "file", digest, executable: false }]]),
      stdout: store.cas.put(Buffer.from(`stdout ${index}`)),
      stderr: digestOf(""),
      wallMs: index,
    };
    store.actionCache.write(digestOf(`key ${index}`), result);
    stats.fileAt(process.execPath);
    stats.save();
    process.stdout.write(`${index}\n`);
  }
  store.close();
  rmSync(own, { force: true });
}

function importOf(store: Store, path: string, bytes: Buffer) {
  writeFileSync(path, bytes);
  return store.cas.importFile(path, { move: true }).digest;
}

/** Puts blobs until that fails; prints how, and whether the store is as it should be then. */
function fill(): void {
  const store = open();
  const digests = [];
  let failure: unknown;
  for (let index = 0; failure === undefined && index < 2000; index++) {
    try {
      digests.push(store.cas.put(Buffer.alloc(10_000, `full ${index} `)));
    } catch (cause) {
      failure = cause;
    }
  }
  const whole = digests.every((digest) => store.cas.read(digest)?.byteLength === 10_000);
  const first = { digest: digests[0] ?? digestOf(""), executable: false };
  rmSync(store.cas.pathOf(first) ?? "");
  const again = failureOf(() => store.cas.put(Buffer.from("smaller")));
  print({ ...describe(failure), stored: digests.length, whole, again });
}

/** Uses a store that cannot be written. */
function useReadOnly(): void {
  const store = open();
  const bytes = Buffer.from("was there before");
  print({
    read: store.cas.read(digestOf(bytes))?.toString(),
    putAgain: failureOf(() => store.cas.put(bytes)),
    put: failureOf(() => store.cas.put(Buffer.from("new"))),
    begin: failureOf(() => store.beginBuild()),
  });
}

/** When told to, uses blobs in a live build until standard input ends; stores those that are gone. */
function useAll(count: number): void {
  const store = open();
  process.stdout.write("ready\n");
  process.stdin.once("data", () => {
    const build = store.beginBuild();
    for (let index = 0; index < count; index++) {
      const bytes = Buffer.from(`aged ${index}`);
      if (!store.cas.has(digestOf(bytes))) store.cas.put(bytes);
    }
    process.stdout.write("used\n");
    process.stdin.on("end", () => build.end());
  });
}

/** Collects all that may be collected, over and over until standard input ends. */
function collect(): void {
  const store = open();
  const timer = setInterval(() => {
    process.stdout.write("collecting\n");
    store.collect({ maxSizeBytes: 1, maxAgeMs: 1 });
  });
  process.stdin.resume().on("end", () => clearInterval(timer));
}

/** Collects all but what is in use, with a clock that is a year ahead. */
function collectAhead(): void {
  const yearMs = 365 * 86_400_000;
  const store = openStore(directory, {
    epochMs: () => Date.now() + yearMs,
    processId: process.pid,
  });
  process.stdout.write("collecting\n");
  store.empty();
}

function failureOf(act: () => unknown): unknown {
  try {
    act();
    return "none";
  } catch (cause) {
    return describe(cause);
  }
}

function describe(cause: unknown): { kind: string; path?: string } {
  if (cause instanceof StoreError) return { kind: cause.kind, path: cause.path };
  return { kind: String(cause) };
}

function print(value: unknown): void {
  process.stdout.write(`\n${JSON.stringify(value)}\n`);
}

if (command === "write") write(Number(args[0]), Number(args[1]));
if (command === "fill") fill();
if (command === "read-only") useReadOnly();
if (command === "use") useAll(Number(args[0]));
if (command === "collect") collect();
if (command === "collect-ahead") collectAhead();
