// Takes everything out of a tree but directories that can be used again.

import { lstatSync, readdirSync, unlinkSync } from "node:fs";

import type { ExecPath } from "../action/action.ts";
import { removeTree } from "./remove-tree.ts";

/** A tree, and what of it is to stay. */
export interface EmptyOptions {
  readonly root: string;
  /** Paths below the root; all others go. */
  readonly directories: Iterable<ExecPath>;
  /** Type and permission bits that the root and the directories were made with. */
  readonly mode: number;
}

/**
 * Removes everything below the directory `root` but `directories` that are as they were made;
 * gives these. Throws when something is in the way, or the root is no such directory any more,
 * but perhaps a link to one that is not to be emptied.
 */
export function emptyTree({ root, directories, mode }: EmptyOptions): ExecPath[] {
  if (lstatSync(root).mode !== mode) throw new Error(`${root} is not what it was`);
  const kept: ExecPath[] = [];
  emptyDirectory("", { root, mode, directories: new Set(directories), kept });
  return kept;
}

interface Emptying extends EmptyOptions {
  readonly directories: ReadonlySet<ExecPath>;
  readonly kept: ExecPath[];
}

function emptyDirectory(prefix: string, emptying: Emptying): void {
  const { root, mode, directories, kept } = emptying;
  for (const entry of readdirSync(`${root}/${prefix}`, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    const full = `${root}/${path}`;
    if (!entry.isDirectory()) unlinkSync(full);
    else if (directories.has(path) && lstatSync(full).mode === mode) {
      kept.push(path);
      emptyDirectory(`${path}/`, emptying);
    } else removeTree(full);
  }
}
