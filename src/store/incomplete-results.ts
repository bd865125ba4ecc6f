// Removes results that lost a blob. Knows not how it was lost.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type Digest, digestOf, emptyDigest, splitDigest } from "../digest/digest.ts";
import { decodeEntry } from "./action-cache.ts";
import { formPathsOf } from "./blob-shelf.ts";
import { isComplete } from "./completeness.ts";
import type { Dropped } from "./dropped.ts";
import type { StoredFile } from "./store-census.ts";
import { removeFile } from "./whole-file.ts";

/**
 * Removes those results among `files` that are damaged, or that need a blob which is gone and was
 * not dropped on purpose. Forgets of the latter what no result needs.
 */
export function removeIncomplete(
  directory: string,
  files: readonly StoredFile[],
  dropped: Dropped,
): StoredFile[] {
  const known = dropped.read();
  const needed = new Set<string>();
  const blobs = blobsIn(directory, files);
  const has = (digest: Digest): boolean => {
    const { hash } = splitDigest(digest);
    if (known.has(hash)) needed.add(hash);
    return known.has(hash) || blobs.has(digest);
  };
  const removed = files.filter(({ kind, path, hash }) => {
    if (kind !== "result") return false;
    const result = decodeEntry(readIfThere(path), hash);
    const isWhole = result !== undefined && isComplete(result, { ...blobs, has });
    return !isWhole && removeFile(path);
  });
  dropped.keep(needed);
  return removed;
}

/** The blobs among `files` and those that came since. Unlike the CAS, looking is not using. */
function blobsIn(directory: string, files: readonly StoredFile[]) {
  const known = new Set(files.filter(({ kind }) => kind === "blob").map(({ hash }) => hash));
  const pathsOf = (digest: Digest) => formPathsOf(join(directory, "cas"), digest);
  return {
    has: (digest: Digest) =>
      known.has(splitDigest(digest).hash) ||
      digest === emptyDigest ||
      pathsOf(digest).some((path) => existsSync(path)),
    read: (digest: Digest) =>
      pathsOf(digest)
        .map(readIfThere)
        .find((bytes) => digestOf(bytes) === digest),
  };
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
