// What outputs were before the build that last changed them. Knows no build.

import { linkSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import { errorCode, isLinkRefusal, writeError } from "../store/store-error.ts";

/** Where outputs are kept, below the workspace. */
export const beforeRoot = ".kraft/before";

/** Where the file at `path` below the root of outputs is kept; undefined for a path elsewhere. */
export function beforePathOf(path: ExecPath): ExecPath | undefined {
  const isOutput = path.startsWith(`${outputRoot}/`);
  return isOutput ? `${beforeRoot}/${path.slice(outputRoot.length + 1)}` : undefined;
}

/**
 * Keeps the file at `path` of the workspace `root`, which is about to be replaced, by a link: one
 * for each output, as who asks what changed has no need of more. Directories are not kept, nor
 * files that somebody else wrote. Throws a StoreError.
 */
export function keepBefore(root: string, path: ExecPath): void {
  const kept = beforePathOf(path);
  const from = posix.join(root, path);
  const found = lstatSync(from, { throwIfNoEntry: false });
  // Outputs are links to read-only blobs.
  if (kept === undefined || found?.isFile() !== true || (found.mode & 0o222) !== 0) return;
  const to = posix.join(root, kept);
  for (const attempt of [1, 2]) {
    try {
      mkdirSync(posix.dirname(to), { recursive: true });
      rmSync(`${to}.new`, { force: true });
      linkSync(from, `${to}.new`);
      renameSync(`${to}.new`, to);
      return;
    } catch (cause) {
      if (isLinkRefusal(cause)) return; // What was before is not kept then.
      if (attempt === 2 || !inTheWay.has(errorCode(cause) ?? "")) throw writeError(cause, to);
      makeWay(root, kept);
    }
  }
}

/** Errors that say that a directory stands where a file is to be, or the other way round. */
const inTheWay = new Set(["EISDIR", "EEXIST", "ENOTDIR", "ENOTEMPTY"]);

/** Removes what was kept of other outputs where `kept` is to be, or a directory above it. */
function makeWay(root: string, kept: ExecPath): void {
  const names = kept.slice(beforeRoot.length + 1).split("/");
  let path = posix.join(root, beforeRoot);
  for (const name of names) {
    path = posix.join(path, name);
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) continue;
    rmSync(path, { force: true });
    return;
  }
  rmSync(path, { recursive: true });
}
