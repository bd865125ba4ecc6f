// Writes newc archives, the form of CPIO that Unikraft and Linux unpack as an initial root file
// system. Knows no directory on disk.
//
// Own code, as the one library there is cuts non-ASCII names short and mends no time of 0.

import { assertNever } from "../base/brand.ts";
import { FormatError, readableName } from "./format-error.ts";
import { encodeNewcHeader, fileType, maxNameBytes, paddingOf, trailerName } from "./newc-header.ts";
import { NewcOrder } from "./newc-order.ts";

/** Something in an archive. The archive's own directory is none. */
export type NewcEntry = NewcDirectory | NewcFile | NewcSymlink;

interface NewcEntryBase {
  /** From the archive's root, "/" separated, as in `etc/app.conf`; any bytes but NUL. */
  readonly path: Uint8Array;
  /** Permission bits, with those of setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  /** Absent: it belongs to root. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** A directory, which stands before all that is in it. */
export interface NewcDirectory extends NewcEntryBase {
  readonly kind: "directory";
}

/** A regular file. */
export interface NewcFile extends NewcEntryBase {
  readonly kind: "file";
  readonly sizeBytes: number;
  /** Asked for once; must give exactly `sizeBytes`. */
  readonly content: () => Iterable<Uint8Array>;
}

/** A symbolic link. */
export interface NewcSymlink extends NewcEntryBase {
  readonly kind: "symlink";
  readonly target: Uint8Array;
}

/** What all entries of an archive share. */
export interface NewcOptions {
  /** The time of every entry, in seconds since 1970: 0 to 2 ** 32 - 1. */
  readonly mtime: number;
}

/**
 * The archive of `entries`, in pieces: the same bytes for the same entries. They must come in the
 * order of {@link compareNewcPaths}, each in a directory that came before. Throws a FormatError
 * for what the format or those who unpack it cannot hold, and for content of another size than
 * was said, as that of a file which someone writes to.
 *
 * Every entry has a number and a single link of its own: Unikraft knows no
 * hard links, and leaves all but one of the names with an empty file. Names begin with `./`, and
 * the whole is filled up to 512 bytes.
 *
 * Source: cpio(5) of FreeBSD, "New ASCII Format"; Unikraft, lib/ukcpio; Linux, initramfs.
 */
export function* packNewc(
  entries: Iterable<NewcEntry>,
  options: NewcOptions,
): Generator<Uint8Array> {
  checkTime(options.mtime);
  const order = new NewcOrder();
  let inode = 0;
  let sizeBytes = 0;
  for (const entry of entries) {
    order.check(entry.path, entry.kind);
    inode++;
    for (const piece of packEntry(entry, inode, options.mtime)) {
      sizeBytes += piece.byteLength;
      yield piece;
    }
  }
  const trailer = encodeNewcHeader({ nlink: 1 }, trailerName);
  yield trailer;
  yield Buffer.alloc(paddingOf(sizeBytes + trailer.byteLength, 512));
}

function* packEntry(entry: NewcEntry, inode: number, mtime: number): Generator<Uint8Array> {
  yield headerOf(entry, inode, mtime);
  if (entry.kind === "directory") return;
  if (entry.kind === "symlink") yield entry.target;
  else yield* checkedContent(entry);
  yield zeros.subarray(0, paddingOf(sizeOf(entry), 4));
}

function* checkedContent(entry: NewcFile): Generator<Uint8Array> {
  let missingBytes = entry.sizeBytes;
  for (const piece of entry.content()) {
    missingBytes -= piece.byteLength;
    if (missingBytes < 0) break;
    yield piece;
  }
  if (missingBytes === 0) return;
  throw new FormatError(readableName(entry.path), "changed its size while it was packed");
}

const zeros = Buffer.alloc(3);

function headerOf(entry: NewcEntry, inode: number, mtime: number): Uint8Array {
  const { mode, path, owner = { uid: 0, gid: 0 } } = entry;
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o7777) {
    throw new FormatError(readableName(path), `has the impossible mode ${mode}`);
  }
  if (![owner.uid, owner.gid].every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 32)) {
    throw new FormatError(readableName(path), "has an owner that CPIO cannot hold");
  }
  const filesize = sizeOf(entry);
  const fields = {
    ino: inode,
    mode: fileType[entry.kind] | mode,
    nlink: 1,
    mtime,
    filesize,
    ...owner,
  };
  return encodeNewcHeader(fields, Buffer.concat([Buffer.from("./"), path]));
}

function sizeOf(entry: NewcEntry): number {
  switch (entry.kind) {
    case "directory":
      return 0;
    case "symlink":
      return checkedTarget(entry).byteLength;
    case "file":
      if (entry.sizeBytes < 2 ** 32) return entry.sizeBytes;
      throw new FormatError(readableName(entry.path), "is too large for CPIO: 4 GiB or more");
    default:
      return assertNever(entry);
  }
}

function checkedTarget({ path, target }: NewcSymlink): Uint8Array {
  const isHeld = target.byteLength > 0 && target.byteLength < maxNameBytes && !target.includes(0);
  if (isHeld) return target;
  throw new FormatError(readableName(path), "is a symbolic link to what can be no path");
}

function checkTime(mtime: number): void {
  if (Number.isInteger(mtime) && mtime >= 0 && mtime < 2 ** 32) return;
  throw new FormatError("the archive", `cannot hold the time ${mtime}`);
}
