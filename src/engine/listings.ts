// Which files stand in directories of the disk. Knows no action.

import { type BigIntStats, lstatSync, readdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { kernelTickMs } from "../base/file-clock.ts";
import type { WatchedPaths } from "./watched-paths.ts";

/** Lists each directory once; thousands of headers are looked for in the same few of them. */
export class Listings {
  readonly #known = new Map<string, Listing>();
  /** By the paths of directories that are there. */
  readonly #above = new Map<string, Above>();
  readonly #watched: WatchedPaths;
  /** Paths that were listed since all were last looked at. */
  readonly #fresh = new Set<string>();
  #moment = 0;
  /** When a look at all directories last began that found them as they were. */
  #seenAt = 0;
  /** When one was last found to have changed. */
  #changedAt = 0;

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

  /** This moment, in the order in which this object is asked. */
  moment(): number {
    return ++this.#moment;
  }

  /** Whether all directories are as they were when they were listed; forgets those that are not. */
  areCurrent(): boolean {
    const at = this.moment();
    const isCurrent = this.#look(this.#known.keys(), this.#above.keys());
    if (isCurrent) this.#seenAt = at;
    return isCurrent;
  }

  /**
   * Whether all directories are listed as they were for a program that ran from `began` on, which is
   * `sinceMs` since 1970, until `ended`. When they were looked at after that for another one, only
   * those that were listed later are looked at.
   */
  wereCurrent({ began, ended, sinceMs }: Span): boolean {
    const isSeen = ended < this.#seenAt;
    if (!(isSeen ? this.#areFreshCurrent() : this.areCurrent())) return false;
    // What changed between its look and ours: a name that came then was not there for it.
    const isOlder = ({ at, ctimeMs }: Listing) => at < began || ctimeMs <= sinceMs - kernelTickMs;
    return this.#changedAt < began && [...this.#known.values()].every(isOlder);
  }

  #areFreshCurrent(): boolean {
    const above = [...this.#fresh].flatMap((path) => this.#known.get(path)?.above?.path ?? []);
    return this.#look(this.#fresh, new Set(above));
  }

  #look(paths: Iterable<string>, above: Iterable<string>): boolean {
    const at = this.moment();
    const changed = [...paths].filter((path) => {
      const known = this.#known.get(path);
      return known !== undefined && known.above === undefined && stampOf(path) !== known.stamp;
    });
    for (const path of changed) this.#forget(path);
    const come = [...above].map((path) => this.#lookBelow(path));
    const isCurrent = changed.length === 0 && !come.includes(true);
    if (!isCurrent) this.#changedAt = at;
    this.#fresh.clear();
    return isCurrent;
  }

  /** Whether a directory that was missing below `path` is there now, or may have been. */
  #lookBelow(path: string): boolean {
    const above = this.#above.get(path);
    const stamp = stampOf(path);
    if (above === undefined || (stamp !== undefined && stamp === above.stamp)) return false;
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
    const at = this.moment();
    const stats = directoryStatsOf(path);
    const listing =
      stats === undefined
        ? { at, ...this.#missing(path) }
        : { at, stamp: textOf(stats), ctimeMs: Number(stats.ctimeMs), files: filesIn(path) };
    this.#known.set(path, listing);
    this.#fresh.add(path);
    return listing;
  }

  /** That there is no directory `path`. */
  #missing(path: string): Omit<Listing, "at"> {
    const none = { stamp: undefined, ctimeMs: 0, files: new Set<string>() };
    const nearest = nearestDirectory(path);
    this.#watched.addPath(nearest);
    let above = this.#above.get(nearest);
    if (above === undefined) {
      above = { path: nearest, stamp: stampOf(nearest), missing: new Set() };
      this.#above.set(nearest, above);
    }
    // After the stamp. What stands there may be a link, too, whose target comes to be elsewhere.
    if (isBegun(nearest, path)) return none;
    above.missing.add(path);
    return { above, ...none };
  }
}

/** When a program ran: moments, and the time since 1970 at which it began. */
export interface Span {
  readonly began: number;
  readonly ended: number;
  readonly sinceMs: number;
}

interface Listing {
  /** The moment before it was made. */
  readonly at: number;
  readonly files: ReadonlySet<string>;
  /** Of the directory, since 1970, when it was listed; 0 when there was none. */
  readonly ctimeMs: number;
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
  readonly path: string;
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
  const stats = directoryStatsOf(path);
  return stats && textOf(stats);
}

function textOf({ dev, ino, mtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${mtimeNs}`;
}

function directoryStatsOf(path: string): BigIntStats | undefined {
  const stats = statOf(path);
  return stats?.isDirectory() ? stats : undefined;
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
