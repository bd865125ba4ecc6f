// Digests of large files, in a thread of their own, as the engine's has enough to do. Knows no store.

import { Worker } from "node:worker_threads";

import { type Digest, parseDigest } from "../digest/digest.ts";
import { digestOfDescriptor, withReading } from "./file-digest.ts";

/** Smaller ones are read sooner than a thread starts, in bytes. */
export const backgroundBytes = 4 * 1024 * 1024;

/** The digest of each of `files`, which are no links. Each of them throws what Node does. */
export function digestsInBackground(files: readonly string[]): readonly Promise<Digest>[] {
  const answers = answerOf(files);
  return files.map(async (file, at) => {
    const digest = parseDigest((await answers)?.[at] ?? "");
    // Where no thread can be had, or it cannot be read: then it says so here.
    return digest ?? withReading(file, digestOfDescriptor);
  });
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
  const digestOf = (descriptor: number): string => {
    const sha256 = createHash("sha256");
    let sizeBytes = 0;
    for (;;) {
      const count = readSync(descriptor, piece);
      if (count === 0) return `${sha256.digest("hex")}/${sizeBytes}`;
      sha256.update(piece.subarray(0, count));
      sizeBytes += count;
    }
  };
  const digests = (threads.workerData as readonly string[]).map((file) => {
    try {
      const descriptor = openSync(file, "r");
      try {
        return digestOf(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch {
      return ""; // Who reads it again is told why.
    }
  });
  threads.parentPort?.postMessage(digests);
}
