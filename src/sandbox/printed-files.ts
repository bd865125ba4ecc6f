// The files that programs print into. Starts nothing.

import { lstatSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { writeError } from "../store/store-error.ts";
import { makeDirectory } from "../store/temporary.ts";
import { removeTree } from "./remove-tree.ts";

/** Absolute paths of a pair of files, of which the shell makes those that are missing. */
export interface PrintedFiles {
  readonly stdoutFile: string;
  readonly stderrFile: string;
}

/**
 * How many pairs take turns. Whoever got away from an action holds only that action's pair: what
 * it prints until the pair's next turn comes is noticed, as is what the action printed, and the
 * pair is replaced.
 */
const turns = 32;

/**
 * Pairs of files, used again as long as nothing is printed: ext4 looks at each inode that was
 * removed in the last minutes before it gives out another, so that with two for each action
 * ten thousand of them would spend a third of their time on it.
 */
export class PrintedFilePool {
  readonly #directory: () => string;
  /** The one that has rested longest comes first. */
  readonly #free: PrintedFiles[] = [];
  #count = 0;

  /** In the absolute `directory`, which is asked for, and made, when it is first needed. */
  constructor(directory: () => string) {
    this.#directory = directory;
  }

  /** Two empty files, or none, that no other program has. Throws a StoreError. */
  take(): PrintedFiles {
    const rested = this.#free.length >= turns ? this.#free.shift() : undefined;
    if (rested !== undefined) {
      removeUnlessEmpty(rested);
      return rested;
    }
    const directory = this.#directory();
    if (this.#count === 0) makeDirectory(directory);
    const name = String(this.#count++);
    return {
      stdoutFile: join(directory, `${name}.stdout`),
      stderrFile: join(directory, `${name}.stderr`),
    };
  }

  /** Gives `files` back, which nobody reads any more. */
  giveBack(files: PrintedFiles): void {
    this.#free.push(files);
  }

  /** Forgets all, as the directory is gone. */
  clear(): void {
    this.#free.length = 0;
    this.#count = 0;
  }
}

/** Makes those of `files` that are missing, as those of a program that never began are. */
export function completeFiles({ stdoutFile, stderrFile }: PrintedFiles): void {
  for (const file of [stdoutFile, stderrFile]) writeFileSync(file, "", { flag: "a" });
}

/** Moves `files` into `directory`, on the same file system. */
export function moveFiles({ stdoutFile, stderrFile }: PrintedFiles, directory: string): void {
  try {
    renameSync(stdoutFile, join(directory, "stdout"));
    renameSync(stderrFile, join(directory, "stderr"));
  } catch (cause) {
    throw writeError(cause, directory);
  }
}

function removeUnlessEmpty({ stdoutFile, stderrFile }: PrintedFiles): void {
  for (const file of [stdoutFile, stderrFile]) {
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    const isAsMade = stats.isFile() && stats.nlink === 1 && (stats.mode & 0o600) === 0o600;
    if (!isAsMade || stats.size > 0) removeTree(file);
  }
}
