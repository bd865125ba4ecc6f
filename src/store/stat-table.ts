// Stat entries by path: a snapshot on disk, and what this process learnt. Knows not what is true.

import { type BigIntStats, readFileSync, statSync } from "node:fs";

import type { StatEntry } from "./stat-entry.ts";
import { StatSnapshot, decodeSnapshot } from "./stat-snapshot.ts";
import { encodeSnapshot } from "./stat-writer.ts";
import type { Temporary } from "./temporary.ts";
import { writeWhole } from "./whole-file.ts";

/** How many days an entry lives that nobody uses. */
const keptDays = 30;

/** The entries in one file, which several processes may use at once. */
export class StatTable {
  readonly #path: string;
  readonly #temporary: Temporary;
  /** The snapshot, with the stat of the file that it was read from; undefined until needed. */
  #base: { readonly snapshot: StatSnapshot; readonly stats: BigIntStats | undefined } | undefined;
  /** Directories that were looked into, with what was set. */
  readonly #open = new Map<string, Map<string, StatEntry>>();
  readonly #changes = new Map<string, Map<string, StatEntry | undefined>>();

  constructor(path: string, temporary: Temporary) {
    this.#path = path;
    this.#temporary = temporary;
  }

  /** The entry of `path`. */
  find(path: string): StatEntry | undefined {
    const [directory, name] = split(path);
    return this.#entriesOf(directory).get(name);
  }

  /** Makes `entry` the one of `path`; undefined removes it. */
  set(path: string, entry: StatEntry | undefined): void {
    const [directory, name] = split(path);
    const entries = this.#entriesOf(directory);
    if (entry !== undefined) entries.set(name, entry);
    else if (!entries.delete(name)) return;
    const changes = this.#changes.get(directory) ?? new Map<string, StatEntry | undefined>();
    this.#changes.set(directory, changes.set(name, entry));
  }

  /**
   * Writes what was set since the last time. Entries that another process wrote since are kept;
   * when it writes at this very moment one side's are lost, and those files hashed again.
   */
  save(today: number): void {
    if (this.#changes.size === 0) return;
    const { snapshot } = this.#current();
    const bytes = encodeSnapshot(snapshot, this.#changes, today - keptDays);
    writeWhole(this.#temporary, this.#path, bytes);
    this.#changes.clear();
    this.#base = { snapshot: decodeSnapshot(bytes), stats: statsOf(this.#path) };
  }

  /** Forgets what was looked up. To be called when all that was set is written. */
  release(): void {
    this.#open.clear();
  }

  #entriesOf(directory: string): Map<string, StatEntry> {
    const known = this.#open.get(directory);
    if (known !== undefined) return known;
    this.#base ??= this.#load();
    const entries = this.#base.snapshot.entriesOf(directory);
    this.#open.set(directory, entries);
    return entries;
  }

  /** The snapshot as it is on disk now. */
  #current(): { readonly snapshot: StatSnapshot } {
    const now = statsOf(this.#path);
    const then = this.#base?.stats;
    const same = now?.ino === then?.ino && now?.mtimeNs === then?.mtimeNs;
    return same && this.#base !== undefined ? this.#base : this.#load();
  }

  #load(): { readonly snapshot: StatSnapshot; readonly stats: BigIntStats | undefined } {
    // The stat comes first: a file that is replaced in between is then merely read once more.
    const stats = statsOf(this.#path);
    return { stats, snapshot: decodeSnapshot(readIfThere(this.#path)) };
  }
}

function split(path: string): [directory: string, name: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, slash + 1), path.slice(slash + 1)];
}

function statsOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

/** The bytes of `path`; none when it cannot be read, as a cache may be lost. */
function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
