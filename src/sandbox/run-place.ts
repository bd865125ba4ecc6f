// The directory of one program: its input root, its temporary files, its output.

import { lstatSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { coarsestTickMs, kernelTickMs } from "../base/file-clock.ts";
import { writeError } from "../store/store-error.ts";
import { emptyTree } from "./empty-tree.ts";
import { removeTree } from "./remove-tree.ts";

/** Absolute paths. */
export interface RunPlace {
  readonly directory: string;
  /** The input root; below `directory` unless programs share one. */
  readonly root: string;
  readonly temporary: string;
  readonly home: string;
  /** Type and permission bits of its directories. */
  readonly mode: number;
}

/** Makes the new directory `directory`; `sharedRoot` when it is not to have an own input root. */
export function makeRunPlace(directory: string, sharedRoot: string | undefined): RunPlace {
  try {
    mkdirSync(directory);
    const place = placeIn(directory, sharedRoot, lstatSync(directory).mode);
    mkdirSync(place.temporary);
    mkdirSync(place.home);
    return place;
  } catch (cause) {
    throw writeError(cause, directory);
  }
}

/** Moves `place` to the directory `destination`, on the same file system. */
export function moveRunPlace(
  place: RunPlace,
  destination: string,
  sharedRoot: string | undefined,
): RunPlace {
  moveTree(place.directory, destination);
  return placeIn(destination, sharedRoot, place.mode);
}

/** Moves the tree `from` to `to`, on the same file system, and makes what is above. */
export function moveTree(from: string, to: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  } catch (cause) {
    throw writeError(cause, to);
  }
}

/**
 * Makes `place` as good as new, except for those of `directories` in its own input root that are
 * as they were; gives these. Throws when that cannot be done.
 */
export function emptyRunPlace(place: RunPlace, directories: () => readonly ExecPath[]): ExecPath[] {
  const { root, mode } = place;
  const isOwn = dirname(root) === place.directory;
  return isOwn ? emptyTree({ root, directories: directories(), mode }) : [];
}

/** When the directories for temporary files were last known to be empty. */
export interface Calm {
  /** Their ctimes, which nobody can set, in milliseconds. */
  readonly ctimes: readonly number[];
  /** By the clock of processes. */
  readonly sinceMs: number;
}

/**
 * Empties the directories for temporary files of `place`, in which a program began at `beganMs`,
 * unless they are `calm` still: reading them costs more than all else about them.
 */
export function emptyTemporary(
  { temporary, home, mode }: RunPlace,
  { calm, beganMs, now }: { calm: Calm | undefined; beganMs: number; now: () => number },
): Calm {
  const both = [temporary, home];
  const isLongCalm = calm !== undefined && beganMs - calm.sinceMs >= tickOf(calm);
  if (isLongCalm && both.every((one, at) => isAt(one, mode, calm.ctimes[at]))) return calm;
  for (const one of both) emptyTree({ root: one, directories: [], mode });
  const ctimes = both.map((one) => lstatSync(one).ctimeMs);
  const isAsBefore = calm !== undefined && ctimes.every((one, at) => one === calm.ctimes[at]);
  return isAsBefore ? calm : { ctimes, sinceMs: now() };
}

function isAt(directory: string, mode: number, ctimeMs: number | undefined): boolean {
  const stats = lstatSync(directory);
  return stats.mode === mode && stats.ctimeMs === ctimeMs;
}

/**
 * How far apart two changes are at most that leave the same times, in milliseconds: a step of the
 * kernel's clock where the file system keeps fractions of seconds, as it does as soon as one of its
 * times has any; a step of the coarsest file system elsewhere.
 */
function tickOf({ ctimes }: Calm): number {
  return ctimes.every((ms) => ms % 1_000 !== 0) ? kernelTickMs : coarsestTickMs;
}

/** How much is kept. */
const keptLimit = 20;

/** Removes from the directory `kept` what has been there longest, when it is too much. */
export function pruneKept(kept: string): void {
  const entries = readdirSync(kept).map((name) => {
    const path = join(kept, name);
    // Moving it there was the last thing that changed its inode.
    return { path, sinceMs: statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0 };
  });
  entries.sort((a, b) => b.sinceMs - a.sinceMs);
  for (const { path } of entries.slice(keptLimit)) removeTree(path);
}

function placeIn(directory: string, sharedRoot: string | undefined, mode: number): RunPlace {
  return {
    directory,
    root: sharedRoot ?? join(directory, "root"),
    temporary: join(directory, "tmp"),
    home: join(directory, "home"),
    mode,
  };
}
