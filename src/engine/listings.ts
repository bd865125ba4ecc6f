// Which files stand in directories of the disk. Knows no action.

import { type BigIntStats, lstatSync, readdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

import type { WatchedPaths } from "./watched-paths.ts";

/** Lists each directory once; thousands of headers are looked for in the same few of them. */
export class Listings {
  readonly #known = new Map<string, Listing>();
  /** By the paths of directories that are there. */
  readonly #above = new Map<string, Above>();
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
      this.#forget(dirname(path));
      for (const known of this.#known.keys()) {
        if (known === path || known.startsWith(`${path}/`)) this.#forget(known);
      }
    }
  }

  /** Whether all directories are as they were when they were listed; forgets those that are not. */
  areCurrent(): boolean {
    const changed = [...this.#known].filter(
      ([path, { above, stamp }]) => above === undefined && stampOf(path) !== stamp,
    );
    for (const [path] of changed) this.#forget(path);
    const come = [...this.#above].map(([path, above]) => this.#lookBelow(path, above));
    return changed.length === 0 && !come.includes(true);
  }

  /** Whether a directory that was missing below `path` is there now, or may have been. */
  #lookBelow(path: string, above: Above): boolean {
    const stamp = stampOf(path);
    if (stamp !== undefined && stamp === above.stamp) return false;
    above.stamp = stamp;
    // With a part of its way there, it may come without a change of `path`.
    const near = [...above.missing].filter((one) => stamp === undefined || isBegun(path, one));
    const come = near.filter((one) => stamp === undefined || stampOf(one) !== undefined);
    for (const one of near) this.#forget(one);
    return come.length > 0;
  }

  #forget(path: string): void {
    this.#known.get(path)?.above?.missing.delete(path);
    this.#known.delete(path);
  }

  #of(path: string): Listing {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    this.#watched.addEntries(path);
    const stamp = stampOf(path);
    const listing = stamp === undefined ? this.#missing(path) : { stamp, files: filesIn(path) };
    this.#known.set(path, listing);
    return listing;
  }

  /** That there is no directory `path`. */
  #missing(path: string): Listing {
    const none = { stamp: undefined, files: new Set<string>() };
    const nearest = nearestDirectory(path);
    this.#watched.addPath(nearest);
    let above = this.#above.get(nearest);
    if (above === undefined) {
      above = { stamp: stampOf(nearest), missing: new Set() };
      this.#above.set(nearest, above);
    }
    // After the stamp. What stands there may be a link, too, whose target comes to be elsewhere.
    if (isBegun(nearest, path)) return none;
    above.missing.add(path);
    return { above, ...none };
  }
}

interface Listing {
  readonly files: ReadonlySet<string>;
  /** Another one when a name came or went; undefined when there is no such directory. */
  readonly stamp: string | undefined;
  /** Where there is no such directory. */
  readonly above?: Above;
}

/**
 * The nearest directory above some that there are not. Compilers look for each header in dozens
 * of these: as long as this one is as it was, none of them has come to be.
 */
interface Above {
  /** Undefined: it is gone. */
  stamp: string | undefined;
  readonly missing: Set<string>;
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

/** Whether something stands in `directory` on the way to `path`, which is below it. */
function isBegun(directory: string, path: string): boolean {
  const end = path.indexOf("/", directory.length + 1);
  try {
    const next = end === -1 ? path : path.slice(0, end);
    return lstatSync(next, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true; // Its name is too long, say: it is looked for each time.
  }
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
