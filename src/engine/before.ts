// What outputs were before the build that last changed them. Knows no build.

import { linkSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import { writeError } from "../store/store-error.ts";

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
  try {
    mkdirSync(posix.dirname(to), { recursive: true });
    rmSync(`${to}.new`, { force: true });
    linkSync(from, `${to}.new`);
    renameSync(`${to}.new`, to);
  } catch (cause) {
    throw writeError(cause, to);
  }
}
