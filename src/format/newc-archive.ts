// An archive that is there already, as the entries of a new one.

import { setImmediate } from "node:timers/promises";

import { type ArchiveBytes, contentOf } from "./archive-bytes.ts";
import { FormatError, readableName } from "./format-error.ts";
import type { NewcEntry } from "./newc.ts";
import { fileType, fileTypeMask, maxNameBytes } from "./newc-header.ts";
import { compareNewcPaths } from "./newc-order.ts";
import { type NewcRecord, readNewc } from "./newc-reader.ts";

/**
 * What unpacking `archive` gives, in the order that archives need: of two entries of one path the
 * later, and a file that has several names under each of them, with its content. Devices, fifos
 * and sockets, which Unikraft passes over, are left out and told to `onSkipped`. Throws a
 * FormatError for an archive that makes no sense; that of a sum which is wrong comes with the
 * content.
 */
export async function newcEntriesIn(
  archive: ArchiveBytes,
  onSkipped: (path: Uint8Array) => void,
  signal: AbortSignal,
): Promise<NewcEntry[]> {
  const records = new Map<string, Placed>();
  /** By identity: of a file with several names, only one may have the content. */
  const contents = new Map<string, NewcRecord>();
  let count = 0;
  for (const record of readNewc(archive)) {
    if (++count % recordsPerTurn === 0) await setImmediate(undefined, { signal });
    const path = pathOf(archive, record);
    // An entry for the archive's own directory says nothing that lasts.
    if (path.length > 0) records.set(path.toString("latin1"), { path, record });
    if (record.nlink > 1 && record.sizeBytes > 0) contents.set(record.identity, record);
  }
  const entries = [...records.values()].flatMap(({ path, record }) => {
    const content = record.nlink > 1 ? contents.get(record.identity) : undefined;
    const entry = entryOf(archive, path, { record, content: content ?? record });
    if (entry === undefined) onSkipped(path);
    return entry ?? [];
  });
  return entries.sort((a, b) => compareNewcPaths(a.path, b.path));
}

interface Placed {
  readonly path: Buffer;
  readonly record: NewcRecord;
}

/** Few enough that others do not wait long. */
const recordsPerTurn = 2000;

/** The plain path of a name, which may be absolute, or have dots and slashes to spare. */
function pathOf(archive: ArchiveBytes, { name }: NewcRecord): Buffer {
  const parts = name.toString("latin1").split("/");
  if (parts.includes("..")) {
    throw new FormatError(`${archive.path}: ${readableName(name)}`, "leads out of the archive");
  }
  return Buffer.from(parts.filter((part) => part !== "" && part !== ".").join("/"), "latin1");
}

/** Undefined for what is neither a file, a directory nor a symbolic link. */
function entryOf(
  archive: ArchiveBytes,
  path: Buffer,
  { record, content }: { readonly record: NewcRecord; readonly content: NewcRecord },
): NewcEntry | undefined {
  const mode = record.mode & 0o7777;
  switch (record.mode & fileTypeMask) {
    case fileType.directory:
      return { kind: "directory", path, mode };
    case fileType.symlink:
      return { kind: "symlink", path, mode: 0o777, target: targetOf(archive, record) };
    case fileType.file: {
      const { sizeBytes } = content;
      return {
        kind: "file",
        path,
        mode,
        sizeBytes,
        content: () => checkedContent(archive, content),
      };
    }
    default:
      return undefined;
  }
}

/** What the symbolic link `record` names. Throws a FormatError when it is too long. */
export function targetOf(archive: ArchiveBytes, { name, offset, sizeBytes }: NewcRecord): Buffer {
  if (sizeBytes < maxNameBytes) return Buffer.from(archive.read(offset, sizeBytes));
  throw new FormatError(`${archive.path}: ${readableName(name)}`, "is too long a symbolic link");
}

/** The content of `record`, which in the end must have the sum that it should. */
export function* checkedContent(
  archive: ArchiveBytes,
  { name, offset, sizeBytes, sum }: NewcRecord,
): Generator<Uint8Array> {
  let found = 0;
  for (const piece of contentOf(archive, offset, sizeBytes)) {
    // One piece adds less than 2 ** 28, so there is no need for `>>> 0` at each byte.
    if (sum !== undefined) for (const byte of piece) found += byte;
    found %= 2 ** 32;
    yield piece;
  }
  if (sum === undefined || sizeBytes === 0 || found === sum) return;
  const what = `${archive.path}: ${readableName(name)}`;
  throw new FormatError(what, "does not have the sum that its header says");
}
