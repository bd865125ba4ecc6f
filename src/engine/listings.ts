// Which files stand in directories of the disk. Knows no action.

import { type BigIntStats, readdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

import type { WatchedPaths } from "./watched-paths.ts";

/** Lists each directory once; thousands of headers are looked for in the same few of them. */
export class Listings {
  readonly #known = new Map<string, Listing>();
  readonly #watched: WatchedPaths;

  /** Adds to `watched` the directories in which a file could come to be that was not there. */
  constructor(watched: WatchedPaths) {
    this.#watched = watched;
  }

  /** Whether a file or a link stands at the absolute path `file`. */
  hasFile(file: string): boolean {
    const slash = file.lastIndexOf("/");
    return this.#of(file.slice(0, slash) || "/").files.has(file.slice(slash + 1));
  }

  /** Lists again what holds one of the absolute `paths`, stands there, or is below. */
  forget(paths: Iterable<string>): void {
    for (const path of paths) {
      this.#known.delete(dirname(path));
      for (const known of this.#known.keys()) {
        if (known === path || known.startsWith(`${path}/`)) this.#known.delete(known);
      }
    }
  }

  /** Whether all directories are as they were when they were listed; forgets those that are not. */
  areCurrent(): boolean {
    const changed = [...this.#known].filter(([path, { stamp }]) => stampOf(path) !== stamp);
    for (const [path] of changed) this.#known.delete(path);
    return changed.length === 0;
  }

  #of(path: string): Listing {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    this.#watched.addEntries(path);
    const stamp = stampOf(path);
    const listing = { stamp, files: stamp === undefined ? new Set<string>() : filesIn(path) };
    this.#known.set(path, listing);
    if (stamp === undefined) this.#watched.addPath(nearestDirectory(path));
    return listing;
  }
}

interface Listing {
  readonly files: ReadonlySet<string>;
  /** Another one when a name came or went; undefined when there is no such directory. */
  readonly stamp: string | undefined;
}

function filesIn(directory: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return new Set(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name));
  } catch {
    return new Set(); // It is no directory, or not to be looked into by compilers either.
  }
}

function stampOf(path: string): string | undefined {
  const stats = statOf(path);
  return stats?.isDirectory() ? `${stats.dev}:${stats.ino}:${stats.mtimeNs}` : undefined;
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // A part of it is a file.
  }
}

function nearestDirectory(path: string): string {
  let directory = path;
  while (directory !== "/" && stampOf(directory) === undefined) directory = dirname(directory);
  return directory;
}
