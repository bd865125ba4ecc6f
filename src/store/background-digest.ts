// Digests of large files, in a thread of their own, as the engine's has enough to do. Knows no store.

import { Worker } from "node:worker_threads";

import { type Digest, parseDigest } from "../digest/digest.ts";
import { digestOfDescriptor, withReading } from "./file-digest.ts";

/** Smaller ones are read sooner than a thread starts, in bytes. */
export const backgroundBytes = 4 * 1024 * 1024;

/** The digest of each of `files`, which are no links. Throws what Node does. */
export async function digestsInBackground(files: readonly string[]): Promise<readonly Digest[]> {
  const digests = (await answerOf(files))?.map(parseDigest);
  // Where no thread can be had, or one of them cannot be read: then it says so here.
  const isWhole = digests?.length === files.length && !digests.includes(undefined);
  return isWhole
    ? digests.filter((one) => one !== undefined)
    : files.map((file) => withReading(file, digestOfDescriptor));
}

async function answerOf(files: readonly string[]): Promise<string[] | undefined> {
  if (files.length === 0) return [];
  return new Promise((resolve) => {
    try {
      // As text, since a bundle and a test have their code in files of other kinds.
      const worker = new Worker(`(${String(hashFiles)})(require)`, {
        eval: true,
        execArgv: [],
        workerData: files,
      });
      worker.once("message", resolve);
      worker.once("error", () => resolve(undefined));
      worker.once("exit", () => resolve(undefined));
    } catch {
      resolve(undefined);
    }
  });
}

/** What the thread does. Nothing of this file is there but itself. */
function hashFiles(require: NodeJS.Require): void {
  type Modules = {
    threads: typeof import("node:worker_threads");
    crypto: typeof import("node:crypto");
    fs: typeof import("node:fs");
  };
  const threads = require("node:worker_threads") as Modules["threads"];
  const { createHash } = require("node:crypto") as Modules["crypto"];
  const { openSync, readSync, closeSync } = require("node:fs") as Modules["fs"];
  const piece = Buffer.allocUnsafeSlow(1024 * 1024);
  const digests: string[] = [];
  for (const file of threads.workerData as readonly string[]) {
    const descriptor = openSync(file, "r");
    const sha256 = createHash("sha256");
    let sizeBytes = 0;
    for (;;) {
      const count = readSync(descriptor, piece);
      if (count === 0) break;
      sha256.update(piece.subarray(0, count));
      sizeBytes += count;
    }
    closeSync(descriptor);
    digests.push(`${sha256.digest("hex")}/${sizeBytes}`);
  }
  threads.parentPort?.postMessage(digests);
}
