// A directory on disk as the entries of an archive. Knows no bytes of archives.

import { type Stats, lstatSync, readdirSync, readlinkSync } from "node:fs";

import { fileContent } from "./file-content.ts";
import { FormatError, readableName } from "./format-error.ts";
import type { NewcEntry } from "./newc.ts";
import { rootMode } from "./root-mode.ts";

/** What of a directory to take. */
export interface NewcDirectoryOptions {
  /** Names that are left out wherever they are, with all below them; absent: none. */
  readonly hidden?: ReadonlySet<string>;
}

/**
 * What is in the absolute path `directory`, which may itself be a symbolic link; none below it
 * is followed. In the order that archives need, whatever that of the disk is. A file that was
 * linked under two names is there twice. Throws a FormatError for devices, fifos and sockets,
 * which Unikraft passes over, and Node's errors for what cannot be read.
 */
export function newcEntriesOf(
  directory: string,
  options: NewcDirectoryOptions = {},
): Generator<NewcEntry> {
  // The slash follows a link.
  return entriesBelow(Buffer.from(`${directory}/`), Buffer.alloc(0), options);
}

function* entriesBelow(
  root: Buffer,
  parent: Buffer,
  options: NewcDirectoryOptions,
): Generator<NewcEntry> {
  const names = readdirSync(Buffer.concat([root, parent]), { encoding: "buffer" });
  for (const name of names.sort((a, b) => Buffer.compare(a, b))) {
    if (options.hidden?.has(name.toString("latin1")) === true) continue;
    const path = Buffer.concat([parent, name]);
    const entry = entryOf(path, Buffer.concat([root, path]));
    yield entry;
    if (entry.kind !== "directory") continue;
    yield* entriesBelow(root, Buffer.concat([path, slash]), options);
  }
}

function entryOf(path: Buffer, file: Buffer): NewcEntry {
  const stats = lstatSync(file);
  const mode = rootMode(stats.mode & 0o7777);
  if (stats.isDirectory()) return { kind: "directory", path, mode };
  if (stats.isFile()) {
    const { size: sizeBytes } = stats;
    return { kind: "file", path, mode, sizeBytes, content: () => fileContent(file, sizeBytes) };
  }
  if (stats.isSymbolicLink()) {
    const target = readlinkSync(file, { encoding: "buffer" });
    // Linux has no modes of links; elsewhere they depend on the umask.
    return { kind: "symlink", path, mode: 0o777, target };
  }
  const reason = `is a ${specialKindOf(stats)}, which no root file system of Unikraft can hold`;
  throw new FormatError(readableName(path), reason);
}

function specialKindOf(stats: Stats): "socket" | "fifo" | "device" {
  if (stats.isSocket()) return "socket";
  return stats.isFIFO() ? "fifo" : "device";
}

const slash = Buffer.from("/");
