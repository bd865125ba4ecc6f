// Removal of whole trees. Follows no symbolic link.

import { chmodSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";

import { errorCode, writeError } from "../store/store-error.ts";

/**
 * Removes what is at `path`, with all below it, whatever the modes of directories; nothing is
 * there afterwards. Throws a StoreError.
 */
export function removeTree(path: string): void {
  try {
    // Most of the time nothing is there, and an error that Node makes costs ten times as much.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    try {
      unlinkSync(path);
    } catch (cause) {
      const code = errorCode(cause) ?? "";
      if (code === "ENOENT") return;
      // Linux says EISDIR of a directory, POSIX EPERM.
      if (code !== "EISDIR" && code !== "EPERM") throw cause;
      removeDirectory(path);
    }
  } catch (cause) {
    if (errorCode(cause) === "ENOTDIR") return;
    throw writeError(cause, path);
  }
}

function removeDirectory(path: string): void {
  try {
    removeOpen(path);
  } catch (cause) {
    // A program may have taken away its own right to write there.
    if (errorCode(cause) !== "EACCES") throw cause;
    openUp(path);
    removeOpen(path);
  }
}

function removeOpen(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = `${path}/${entry.name}`;
    if (entry.isDirectory()) removeOpen(child);
    else unlinkSync(child);
  }
  rmdirSync(path);
}

function openUp(path: string): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) openUp(`${path}/${entry.name}`);
  }
}
