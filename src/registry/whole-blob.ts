import { createHash } from "node:crypto";
import { existsSync } from "node:fs";

import { FetchError } from "../fetch/fetch-error.ts";
import { digestOfFile } from "../format/file-content.ts";
import type { BlobPaths } from "./layout.ts";

/**
 * The path of the blob `digest`, whose file has exactly its bytes. Throws a FetchError for one that
 * is damaged, or gone: what is booted or handed on is what the image states.
 */
export async function wholeBlob(paths: BlobPaths, digest: string): Promise<string> {
  const path = paths(digest);
  if (await isBlobWhole(paths, digest)) return path;
  const isThere = existsSync(path);
  const what = isThere ? "damaged" : "missing";
  throw new FetchError(isThere ? "digest-mismatch" : "not-found", `${path} is ${what}`, {
    help: '"kraft-graph pkg pull IMAGE" brings anew what is damaged or missing',
  });
}

/** Whether the file of the blob `digest` is there, and has exactly its bytes. */
export async function isBlobWhole(paths: BlobPaths, digest: string): Promise<boolean> {
  const found = await digestOfFile(paths(digest), createHash("sha256"));
  return found !== undefined && `sha256:${found.hash}` === digest;
}
