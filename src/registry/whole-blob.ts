import { createHash } from "node:crypto";
import { constants, copyFileSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";

import { FetchError } from "../fetch/fetch-error.ts";
import { digestOfFile } from "../format/file-content.ts";
import { errorCode } from "../store/store-error.ts";
import type { BlobPaths } from "./layout.ts";
import { linkOrCopy } from "./link-or-copy.ts";
import { registryDigestOf } from "./registry-digest.ts";

/**
 * The path of the blob `digest`, whose file has exactly its bytes. Throws a FetchError for one that
 * is damaged, or gone: what is booted or handed on is what the image states.
 */
export async function wholeBlob(paths: BlobPaths, digest: string): Promise<string> {
  if (await isBlobWhole(paths, digest)) return paths(digest);
  throw notWhole(paths(digest));
}

/** The bytes of the small blob `digest`, such as a config. Throws as {@link wholeBlob}. */
export function wholeBytes(paths: BlobPaths, digest: string): Buffer {
  const bytes = bytesIn(paths(digest));
  if (bytes !== undefined && registryDigestOf(bytes) === digest) return bytes;
  throw notWhole(paths(digest));
}

/** Whether the file of the blob `digest` is there, and has exactly its bytes. */
export function isBlobWhole(paths: BlobPaths, digest: string): Promise<boolean> {
  return isFileOf(paths(digest), digest);
}

/** Where a blob goes. */
export interface BlobPlace {
  /** An absolute path, where nothing is, or this blob. */
  readonly to: string;
  /** Whether nobody but the engine changes both files, so that one may do for both. */
  readonly isOwn: boolean;
}

/** Makes the blob `digest` stand at another path, too. Throws as {@link wholeBlob}. */
export async function bringBlob(
  paths: BlobPaths,
  digest: string,
  { to, isOwn }: BlobPlace,
): Promise<void> {
  if (existsSync(to)) return;
  if (isOwn) return linkOrCopy(await wholeBlob(paths, digest), to);
  const draft = `${to}.partial`;
  const from = paths(digest);
  if (!existsSync(from)) throw notWhole(from);
  copyFileSync(from, draft, constants.COPYFILE_FICLONE);
  // Of what was copied: who has the file may be writing to it.
  if (await isFileOf(draft, digest)) return renameSync(draft, to);
  rmSync(draft, { force: true });
  throw notWhole(from);
}

async function isFileOf(path: string, digest: string): Promise<boolean> {
  const found = await digestOfFile(path, createHash("sha256"));
  return found !== undefined && `sha256:${found.hash}` === digest;
}

function bytesIn(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw cause;
  }
}

function notWhole(path: string): FetchError {
  const isThere = existsSync(path);
  const what = isThere ? "damaged" : "missing";
  return new FetchError(isThere ? "digest-mismatch" : "not-found", `${path} is ${what}`, {
    help: '"kraft-graph pkg pull IMAGE" brings anew what is damaged or missing',
  });
}
