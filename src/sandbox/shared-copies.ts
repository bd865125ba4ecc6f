// Copies of files of the user that one action after another reads, made once. Knows no action.

import { type Stats, lstatSync, statSync } from "node:fs";
import { join } from "node:path";

import { coarsestTickMs } from "../base/file-clock.ts";
import type { Host } from "../base/host.ts";
import { isSealed } from "../store/seal.ts";
import { makeDirectory } from "../store/temporary.ts";
import { copyFile } from "./place-file.ts";
import { removeTree } from "./remove-tree.ts";

/**
 * Copies to be linked into input roots. An action that opens a directory sees the same dozen files
 * as all others, and copying these for each costs more than all else that it takes to stage it.
 */
export class SharedCopies {
  readonly #directory: () => string;
  readonly #epochMs: Host["epochMs"];
  /** By the absolute path of the file; undefined for one that was asked for once. */
  readonly #copies = new Map<string, Copy | undefined>();
  #count = 0;

  /** In the absolute `directory`, which is asked for, and made, when it is first needed. */
  constructor(directory: () => string, epochMs: Host["epochMs"]) {
    this.#directory = directory;
    this.#epochMs = epochMs;
  }

  /**
   * The absolute path of a read-only file with the bytes that `file` has now. Undefined when a copy
   * for one action alone is to be made: most files are read once, and of one that was changed a
   * moment ago nobody can tell later whether it was changed again. Throws as `copyFile` does.
   */
  of(file: string): string | undefined {
    if (!this.#copies.has(file)) {
      this.#copies.set(file, undefined);
      return undefined;
    }
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const known = this.#copies.get(file);
    if (known !== undefined && known.stamp === stampOf(stats) && isIntact(known)) {
      return known.path;
    }
    // Where it is linked it stays.
    if (known !== undefined) removeTree(known.path);
    const made = this.#make(file, stats);
    this.#copies.set(file, made);
    return made?.path;
  }

  /** Forgets all, as the directory is gone. */
  clear(): void {
    this.#copies.clear();
    this.#count = 0;
  }

  #make(file: string, stats: Stats): Copy | undefined {
    if (Math.max(stats.mtimeMs, stats.ctimeMs) >= this.#epochMs() - coarsestTickMs)
      return undefined;
    const directory = this.#directory();
    if (this.#count === 0) makeDirectory(directory);
    const path = join(directory, String(this.#count++));
    copyFile(file, path);
    const { size, mode } = stats;
    const copy = { path, stamp: stampOf(stats), size, isExecutable: (mode & 0o100) !== 0 };
    if (stampOf(statSync(file)) === copy.stamp && isIntact(copy)) return copy;
    removeTree(path);
    return undefined;
  }
}

interface Copy {
  /** Absolute. */
  readonly path: string;
  /** Of the file when it was copied. */
  readonly stamp: string;
  readonly size: number;
  readonly isExecutable: boolean;
}

function stampOf({ ino, size, mode, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${size} ${mode} ${mtimeMs} ${ctimeMs}`;
}

/** Whether no action wrote to it. */
function isIntact({ path, size, isExecutable }: Copy): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && isSealed(stats, size, isExecutable);
}
