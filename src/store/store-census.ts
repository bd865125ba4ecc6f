// All files of a store, with their sizes and last uses. Decides nothing.

import { type Stats, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { diskSizeOf } from "./size-estimate.ts";
import { errorCode, readError } from "./store-error.ts";

/** A blob in one of its forms, or a result. */
export interface StoredFile {
  readonly kind: "blob" | "result";
  readonly path: string;
  /** The 64 hex digits in its name. */
  readonly hash: string;
  readonly sizeBytes: number;
  /** When it was last used, give or take what a use may go unrecorded. */
  readonly usedMs: number;
}

/** Every blob and every result in the store at `directory`. */
export function* filesIn(directory: string): Generator<StoredFile> {
  for (const kind of ["blob", "result"] as const) {
    const top = join(directory, kind === "blob" ? "cas" : "ac");
    for (const shard of namesIn(top)) {
      for (const name of namesIn(join(top, shard))) {
        const path = join(top, shard, name);
        const stats = lstatSync(path, { throwIfNoEntry: false });
        if (stats?.isFile() !== true) continue;
        const usedMs = usedMsOf(kind, stats);
        yield { kind, path, hash: name.slice(0, 64), sizeBytes: diskSizeOf(stats.size), usedMs };
      }
    }
  }
}

/** When the file was last used: a blob says so by its atime, as its mtime is sealed. */
export function usedMsOf(kind: StoredFile["kind"], stats: Stats): number {
  return kind === "blob" ? stats.atimeMs : stats.mtimeMs;
}

/** What is in `directory`; nothing when it is gone. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT" || errorCode(cause) === "ENOTDIR") return [];
    throw readError(cause, directory);
  }
}
