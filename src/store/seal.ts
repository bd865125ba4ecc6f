// What marks a file as a blob: read-only, and an mtime that no writing leaves. Knows no store.

import { type BigIntStats, type Stats, fchmodSync, futimesSync } from "node:fs";

/**
 * Milliseconds since 1970 of 1980-01-01T00:00:00Z: the mtime of every blob. A write through any
 * of a blob's links moves the mtime, so one stat shows that a blob is no longer what it was.
 * 1980 as zip archives hold no earlier moment, and make is wary of a file from 1970.
 */
export const sealedMtimeMs = 315_532_800_000;

/** Gives the file `mode`, for a blob its {@link sealedMode}, and the sealed mtime. */
export function seal(descriptor: number, mode: number, nowMs: number): void {
  fchmodSync(descriptor, mode);
  futimesSync(descriptor, nowMs / 1000, sealedMtimeMs / 1000);
}

/** The permission bits of a blob. */
export function sealedMode(executable: boolean): number {
  return executable ? 0o555 : 0o444;
}

/** Whether `stats` are those of an untouched blob: size, mtime and mode all as written. */
export function isSealed(
  stats: Stats | BigIntStats,
  sizeBytes: number,
  executable: boolean,
): boolean {
  return (
    mtimeMsOf(stats) === sealedMtimeMs &&
    Number(stats.size) === sizeBytes &&
    (Number(stats.mode) & 0o777) === sealedMode(executable) &&
    stats.isFile()
  );
}

/** With its fraction: `BigIntStats` rounds `mtimeMs`, and a write a microsecond off would pass. */
function mtimeMsOf(stats: Stats | BigIntStats): number {
  return "mtimeNs" in stats ? Number(stats.mtimeNs) / 1e6 : stats.mtimeMs;
}
