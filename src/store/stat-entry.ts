// What a stat said of a file when it was hashed, and when to believe it again. Knows no disk.

import type { BigIntStats } from "node:fs";

import { coarsestTickMs } from "../base/file-clock.ts";
import type { Digest } from "../digest/digest.ts";

/** A digest, and the stat of the file that had it. */
export interface StatEntry {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** With the type of the file, as stat gives it. */
  readonly mode: number;
  readonly digest: Digest;
  /**
   * The file was written or moved so shortly before it was hashed that a write just after could
   * have left the same times: the stat proves nothing, and the next use hashes again.
   */
  readonly racy: boolean;
  /** Days since 1970, of the last use or a few days before it: entries nobody uses are dropped. */
  readonly usedDay: number;
}

const racyWindowNs = BigInt(coarsestTickMs) * 1_000_000n;

/** The entry of a file with `stats` that began to be hashed at `hashedAtMs` and had `digest`. */
export function entryOf(stats: BigIntStats, digest: Digest, hashedAtMs: number): StatEntry {
  const safeNs = BigInt(Math.floor(hashedAtMs)) * 1_000_000n - racyWindowNs;
  return {
    dev: stats.dev,
    ino: stats.ino,
    size: stats.size,
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    mode: Number(stats.mode),
    digest,
    // A time in the future is of a clock that we know nothing about, and racy for good.
    racy: stats.mtimeNs >= safeNs || stats.ctimeNs >= safeNs,
    usedDay: dayOf(hashedAtMs),
  };
}

/** Whether `stats` are those of `entry` but for the ctime, which a mere hard link moves. */
export function isSameFile(entry: StatEntry, stats: BigIntStats): boolean {
  // Never by order: a file that is replaced by an older one has changed too.
  return (
    entry.mtimeNs === stats.mtimeNs &&
    entry.size === stats.size &&
    entry.ino === stats.ino &&
    entry.dev === stats.dev &&
    entry.mode === Number(stats.mode)
  );
}

/** What a stat said of a file, as numbers: `dev`, `ino`, bytes, and milliseconds since 1970 with their fractions. */
export interface FileStamp {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** Whether `stamp` is of the file of `entry`, to which nothing was done: whatever is done moves the ctime. */
export function isStampOf(entry: StatEntry, stamp: FileStamp): boolean {
  return (
    Number(entry.ino) === stamp.ino &&
    Number(entry.dev) === stamp.dev &&
    Number(entry.size) === stamp.size &&
    msOf(entry.ctimeNs) === stamp.ctimeMs &&
    msOf(entry.mtimeNs) === stamp.mtimeMs
  );
}

/** As Node has it in `Stats`, to the last bit. */
function msOf(timeNs: bigint): number {
  return Number(timeNs / 1_000_000_000n) * 1e3 + Number(timeNs % 1_000_000_000n) / 1e6;
}

/** Days since 1970. */
export function dayOf(epochMs: number): number {
  return Math.floor(epochMs / 86_400_000);
}
