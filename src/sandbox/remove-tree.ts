// Removal of whole trees. Follows no symbolic link.

import { type Dirent, chmodSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";

import { errorCode, writeError } from "../store/store-error.ts";

/**
 * Removes what is at `path`, with all below it, whatever the modes of directories; nothing is
 * there afterwards. Throws a StoreError.
 */
export function removeTree(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return;
    // Linux says EISDIR of a directory, POSIX EPERM.
    if (code !== "EISDIR" && code !== "EPERM") throw writeError(cause, path);
    removeDirectory(path);
  }
}

function removeDirectory(path: string): void {
  try {
    empty(path);
  } catch (cause) {
    // A program may have taken away its own right to write there; a second refusal is final.
    if (errorCode(cause) !== "EACCES") throw writeError(cause, path);
    attempt(path, () => {
      chmodSync(path, 0o700);
      empty(path);
    });
  }
  attempt(path, () => rmdirSync(path));
}

function empty(directory: string): void {
  for (const entry of entriesOf(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) removeDirectory(path);
    else unlinkSync(path);
  }
}

function entriesOf(directory: string): Dirent[] {
  return readdirSync(directory, { withFileTypes: true });
}

function attempt(path: string, act: () => void): void {
  try {
    act();
  } catch (cause) {
    if (errorCode(cause) !== "ENOENT") throw writeError(cause, path);
  }
}
