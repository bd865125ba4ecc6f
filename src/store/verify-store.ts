// Reads all of a store, and takes out what is not what its name says. Uses nothing.

import { readFileSync } from "node:fs";

import { splitDigest } from "../digest/digest.ts";
import { decodeEntry } from "./action-cache.ts";
import { digestOfDescriptor, withReading } from "./file-digest.ts";
import { filesIn, type StoredFile } from "./store-census.ts";
import { errorCode, StoreError } from "./store-error.ts";
import { removeFile } from "./whole-file.ts";

/** What was found. */
export interface StoreVerification {
  readonly blobs: number;
  readonly results: number;
  /** Of blobs, and of results that are none; they are gone now. */
  readonly damaged: readonly string[];
}

/** Verifies the store at `directory`. Damaged files are removed: what they were is a miss then. */
export function verifyStore(directory: string): StoreVerification {
  const counts = { blob: 0, result: 0 };
  const damaged: string[] = [];
  for (const file of filesIn(directory)) {
    const isSound = file.kind === "blob" ? isSoundBlob(file) : isSoundResult(file);
    // Undefined when a collection took it meanwhile.
    if (isSound === undefined) continue;
    counts[file.kind] += 1;
    if (isSound) continue;
    damaged.push(file.path);
    removeFile(file.path);
  }
  return { blobs: counts.blob, results: counts.result, damaged };
}

function isSoundBlob({ path, hash }: StoredFile): boolean | undefined {
  return ifThere(() => splitDigest(withReading(path, digestOfDescriptor)).hash === hash);
}

function isSoundResult({ path, hash }: StoredFile): boolean | undefined {
  return ifThere(() => decodeEntry(readFileSync(path), hash) !== undefined);
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const cause = error instanceof StoreError ? error.cause : error;
    if (errorCode(cause) === "ENOENT") return undefined;
    throw error;
  }
}
