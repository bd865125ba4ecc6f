// Results of actions on disk, by action key. Knows no graph and runs nothing.

import { closeSync, fstatSync, lstatSync, openSync, readFileSync, utimesSync } from "node:fs";
import { hash } from "node:crypto";

import { decodeActionResult, encodeActionResult } from "../action/reapi-result.ts";
import type { ActionResult } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import { pathBelow } from "../base/path-below.ts";
import { type Digest, splitDigest } from "../digest/digest.ts";
import { touchEveryMs } from "./blob-shelf.ts";
import { type Blobs, isComplete } from "./completeness.ts";
import { errorCode, readError } from "./store-error.ts";
import type { Temporary } from "./temporary.ts";
import { removeFile, writeWhole } from "./whole-file.ts";

/**
 * Results on disk: `ac/<1 hex>/<hash of the key>`, each a REAPI ActionResult whose last field is
 * a checksum. The mtime of each tells when it was last used, by the host's clock.
 */
export interface ActionCache {
  /** The result of `key`, whether or not its blobs are there; undefined when there is none. */
  read(key: Digest): ActionResult | undefined;
  /** The result of `key`, when all its blobs are in the CAS, and those of its trees. */
  readComplete(key: Digest): ActionResult | undefined;
  /** Keeps `result`, which must be a success. Throws a StoreError. */
  write(key: Digest, result: ActionResult): void;
  /** Forgets the result of `key`; false when there is none. */
  remove(key: Digest): boolean;
}

/** What the action cache needs of the world, and of the store around it. */
export interface ActionCacheHost extends Pick<Host, "epochMs"> {
  readonly cas: Blobs;
  readonly temporary: Temporary;
  /** Hears the size of each new file. */
  readonly added?: (sizeBytes: number) => void;
}

/** The action cache in `directory`. */
export function openActionCache(directory: string, host: ActionCacheHost): ActionCache {
  const read = (key: Digest) => readEntry(pathOf(directory, key), key, host);
  return {
    read,
    readComplete: (key) => {
      const result = read(key);
      return result !== undefined && isComplete(result, host.cas) ? result : undefined;
    },
    write: (key, result) => {
      if (result.exitCode !== 0) throw new Error(`bug: a failure is to be cached for ${key}`);
      const bytes = withChecksum(encodeActionResult(result), splitDigest(key).hash);
      writeWhole(host.temporary, pathOf(directory, key), bytes, host.epochMs());
      host.added?.(bytes.byteLength);
    },
    remove: (key) => removeFile(pathOf(directory, key)),
  };
}

/** The result in the file `path`, when that is one of `key`; a damaged file is removed. */
function readEntry(
  path: string,
  key: Digest,
  host: Pick<Host, "epochMs">,
): ActionResult | undefined {
  const bytes = readAndTouch(path, host.epochMs());
  if (bytes === undefined) return undefined;
  const result = decodeEntry(bytes, splitDigest(key).hash);
  if (result === undefined) removeFile(path);
  return result;
}

/** The result in `bytes`; undefined unless they were written for a key of which `name` is the hash. */
export function decodeEntry(bytes: Buffer, name: string): ActionResult | undefined {
  const message = bytes.subarray(0, Math.max(0, bytes.byteLength - trailerLength));
  if (!withChecksum(message, name).equals(bytes)) return undefined;
  return decodeActionResult(message);
}

/** Half of a SHA-256. */
const sumLength = 16;
/** Field 2047 of type bytes, with `sumLength` of them: REAPI has no such field, so its tools skip it. */
const trailerHead = Buffer.from([0xfa, 0x7f, sumLength]);
const trailerLength = trailerHead.byteLength + sumLength;

/**
 * `message` and a checksum over its name and it, so that a file under a wrong name is no result.
 * Half of a SHA-256: for a kilobyte it takes two microseconds, of the ten that opening takes.
 */
function withChecksum(message: Uint8Array, name: string): Buffer {
  // One piece of memory for what is hashed and what is given: joining buffers takes longer than SHA-256.
  const start = name.length;
  const end = start + message.byteLength;
  const all = Buffer.allocUnsafe(end + trailerLength);
  all.write(name);
  all.set(message, start);
  const sum = hash("sha256", all.subarray(0, end), "buffer");
  all.set(trailerHead, end);
  sum.copy(all, end + trailerHead.byteLength, 0, sumLength);
  return all.subarray(start);
}

/** In 16 directories, as each takes as long to make as ten results: a new cache is soon filled. */
function pathOf(directory: string, key: Digest): string {
  const { hash: name } = splitDigest(key);
  return pathBelow(directory, `${name.slice(0, 1)}/${name}`);
}

function readAndTouch(path: string, nowMs: number): Buffer | undefined {
  try {
    // Most look-ups of a clean build are in vain, and Node is slow at making errors.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    const descriptor = openSync(path, "r");
    try {
      if (nowMs - fstatSync(descriptor).mtimeMs >= touchEveryMs) touch(path, nowMs);
      return readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw readError(cause, path);
  }
}

/** Records a use of the result in `path`. */
function touch(path: string, nowMs: number): void {
  try {
    utimesSync(path, nowMs / 1000, nowMs / 1000);
  } catch {
    // Another user's file, a read-only store, or collected just now: what was read is good.
  }
}
