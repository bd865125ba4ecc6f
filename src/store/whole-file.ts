// Files that appear whole or not at all. Knows not what is in them.

import {
  closeSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  write,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";

import { errorCode, writeError } from "./store-error.ts";
import type { Temporary } from "./temporary.ts";

/**
 * Puts `bytes` at `path`, replacing what is there at one moment; with both times at `timeMs` unless
 * that is absent. A StoreError on failure.
 */
export function writeWhole(
  temporary: Temporary,
  path: string,
  bytes: Uint8Array,
  timeMs?: number,
): void {
  const draft = temporary.path();
  try {
    const descriptor = createFile(draft);
    try {
      writeAll(descriptor, bytes);
      if (timeMs !== undefined) futimesSync(descriptor, timeMs / 1000, timeMs / 1000);
    } finally {
      closeSync(descriptor);
    }
    moveInto(draft, path);
  } catch (cause) {
    removeFile(draft);
    throw writeError(cause, path);
  }
}

/** A descriptor to write the new file `path` with. Throws what Node does. */
export function createFile(path: string): number {
  return withDirectoryOf(path, () => openSync(path, "wx", 0o644));
}

/** Renames `draft` to `path`. Throws what Node does. */
export function moveInto(draft: string, path: string): void {
  withDirectoryOf(path, () => renameSync(draft, path));
}

/** Makes `path` a hard link to `file`. Throws what Node does. */
export function linkInto(file: string, path: string): void {
  withDirectoryOf(path, () => linkSync(file, path));
}

/** Writes all of `bytes`: one call may take only a part, as on a disk that gets full. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.byteLength) written += writeSync(descriptor, bytes, written);
}

const writeSome = promisify(write);

/** As `writeAll`, on another thread. */
export async function writeAllElsewhere(descriptor: number, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    written += (await writeSome(descriptor, bytes, written)).bytesWritten;
  }
}

/** Removes the file `path`; false when it cannot be, as when it is gone already. */
export function removeFile(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Runs `attempt`, and again with the directory of `path` made when it was missing. */
function withDirectoryOf<T>(path: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (cause) {
    // Shards are made when first needed; and a user may remove a store below a running build.
    if (errorCode(cause) !== "ENOENT") throw cause;
    mkdirSync(dirname(path), { recursive: true });
    return attempt();
  }
}
