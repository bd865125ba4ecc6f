// Digests of the user's files, without reading those that did not change. Knows no store format.

import { type BigIntStats, fstatSync, lstatSync } from "node:fs";

import type { Host } from "../base/host.ts";
import { type Digest, splitDigest } from "../digest/digest.ts";
import type { BlobFile } from "./blob-shelf.ts";
import type { Cas } from "./cas.ts";
import { digestOfSized, withReading } from "./file-digest.ts";
import { noteHashed } from "./recent-files.ts";
import {
  type FileStamp,
  type StatEntry,
  dayOf,
  entryOf,
  isSameFile,
  isStampOf,
} from "./stat-entry.ts";
import { StatTable } from "./stat-table.ts";
import { errorCode, readError } from "./store-error.ts";
import type { Temporary } from "./temporary.ts";

/** A regular file, as it is right now. */
export interface FileState extends BlobFile {
  /** Permission bits. */
  readonly mode: number;
  /**
   * It was being written at each of several attempts to read it: `digest` is of bytes that were
   * read, but nothing that comes of them may be stored.
   */
  readonly changing: boolean;
}

/**
 * Remembers the digest of each file with its device, inode, size, mtime, ctime and mode. Only
 * files that differ in one of them are read again, and those changed within 2 s before they were
 * read; ctime finds what `touch -r`, `cp -p` and `git checkout` hide from mtime. A link to a blob
 * is known by its inode, as each further link moves the ctime.
 */
export interface StatCache {
  /** The regular file at `path`; undefined when there is none. Follows no symbolic link. */
  fileAt(path: string): FileState | undefined;
  /** The same, sooner where nothing is known of a file that is there, and later where there is none. */
  expectedAt(path: string): FileState | undefined;
  /**
   * Whether a stat that just gave `stamp` for `path` shows that it is `file` still: false also where only a look
   * at the file itself could tell.
   */
  isKnownBy(path: string, file: BlobFile, stamp: FileStamp): boolean;
  /** Notes that `path` was just made a link to `file`, which saves reading it. */
  remember(path: string, file: BlobFile): void;
  /** Writes what was learnt, and forgets what was looked up, as it is in the file. */
  release(): void;
  /** Writes what was learnt; what others wrote meanwhile is kept. Throws a StoreError. */
  save(): void;
}

/** What the stat cache needs of the world and of the store around it. */
export interface StatCacheHost extends Pick<Host, "epochMs"> {
  readonly temporary: Temporary;
  readonly cas: Pick<Cas, "isLink">;
  /** `content` believes no stat and reads every file; absent: `stat`. */
  readonly check?: "stat" | "content";
  /** For tests that change a file while it is read; absent: reads it. */
  readonly digestOfDescriptor?: (descriptor: number) => Digest;
}

/** The stat cache in the file `path`, which may be missing: it is read at the first look-up. */
export function openStatCache(path: string, host: StatCacheHost): StatCache {
  return new DiskStatCache(new StatTable(path, host.temporary), host);
}

/** How often a file is read that changes all the while. */
const attempts = 3;

/** How long an entry that is in use keeps an old `usedDay`: writing it each day saves nothing. */
const usedDayLag = 7;

class DiskStatCache implements StatCache {
  readonly #table: StatTable;
  readonly #host: StatCacheHost;

  constructor(table: StatTable, host: StatCacheHost) {
    this.#table = table;
    this.#host = host;
  }

  expectedAt(path: string): FileState | undefined {
    const entry = this.#table.find(path);
    // To read it is to look at it.
    return entry === undefined ? this.#read(path) : this.#lookAt(path, entry);
  }

  fileAt(path: string): FileState | undefined {
    return this.#lookAt(path, this.#table.find(path));
  }

  #lookAt(path: string, entry: StatEntry | undefined): FileState | undefined {
    const stats = statsOf(path);
    if (stats === undefined || !stats.isFile()) {
      if (entry !== undefined) this.#table.set(path, undefined);
      return undefined;
    }
    if (entry === undefined || !this.#isCurrent(entry, stats)) return this.#read(path);
    const today = dayOf(this.#host.epochMs());
    if (today - entry.usedDay > usedDayLag) this.#table.set(path, { ...entry, usedDay: today });
    return stateOf(stats, entry.digest, false);
  }

  isKnownBy(path: string, { digest, executable }: BlobFile, stamp: FileStamp): boolean {
    const entry = this.#host.check === "content" ? undefined : this.#table.find(path);
    if (entry === undefined || entry.racy || entry.digest !== digest) return false;
    return isExecutable(entry) === executable && isStampOf(entry, stamp);
  }

  remember(path: string, file: BlobFile): void {
    const stats = statsOf(path);
    if (stats === undefined || !this.#host.cas.isLink(file, stats)) return;
    this.#table.set(path, entryOf(stats, file.digest, this.#host.epochMs()));
  }

  save(): void {
    this.#table.save(dayOf(this.#host.epochMs()));
  }

  release(): void {
    this.save();
    this.#table.release();
  }

  #isCurrent(entry: StatEntry, stats: BigIntStats): boolean {
    if (this.#host.check === "content" || !isSameFile(entry, stats)) return false;
    if (entry.ctimeNs === stats.ctimeNs && !entry.racy) return true;
    return this.#isBlob(stats, entry.digest);
  }

  /** A blob is believed here whenever the CAS itself would believe it. */
  #isBlob(stats: BigIntStats, digest: Digest): boolean {
    return this.#host.cas.isLink({ digest, executable: isExecutable(stats) }, stats);
  }

  #read(path: string): FileState | undefined {
    try {
      for (let attempt = 1; ; attempt++) {
        const state = withReading(path, (descriptor) => this.#readOpen(path, descriptor));
        if (state === undefined || !state.changing || attempt === attempts) return state;
      }
    } catch (cause) {
      if (isAbsence(cause)) return undefined;
      throw readError(cause, path);
    }
  }

  #readOpen(path: string, descriptor: number): FileState | undefined {
    const before = fstatSync(descriptor, { bigint: true });
    if (!before.isFile()) return undefined;
    // The moment before reading: a write that reading missed is later than this.
    const hashedAtMs = this.#host.epochMs();
    const digest = (this.#host.digestOfDescriptor ?? digestOfSized)(
      descriptor,
      Number(before.size),
      noteHashed,
    );
    const after = fstatSync(descriptor, { bigint: true });
    const entry = entryOf(before, digest, hashedAtMs);
    const whole = isSameFile(entry, after) && BigInt(splitDigest(digest).sizeBytes) === after.size;
    const changing = !whole || (entry.ctimeNs !== after.ctimeNs && !this.#isBlob(after, digest));
    this.#table.set(path, changing ? undefined : entry);
    return stateOf(after, digest, changing);
  }
}

function stateOf(stats: BigIntStats, digest: Digest, changing: boolean): FileState {
  const mode = Number(stats.mode) & 0o7777;
  return { digest, executable: isExecutable(stats), mode, changing };
}

function isExecutable({ mode }: BigIntStats | StatEntry): boolean {
  return (Number(mode) & 0o100) !== 0;
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (cause) {
    if (isAbsence(cause)) return undefined;
    throw readError(cause, path);
  }
}

/** ELOOP: a symbolic link took the file's place. ENOTDIR: a file took its directory's place. */
function isAbsence(cause: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"].includes(errorCode(cause) ?? "");
}
