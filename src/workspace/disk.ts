import { readdirSync, readFileSync, statSync } from "node:fs";

import { digestOf } from "../digest/digest.ts";

/** A file system, as loading reads it. Paths are absolute; nothing here throws for what is absent. */
export interface Disk {
  /** What stands at `path`, behind symbolic links; undefined for nothing, a socket, a device. */
  readonly stat: (path: string) => DiskStat | undefined;
  /** The entries of a directory by name; undefined when it is none, or cannot be read. */
  readonly list: (path: string) => readonly DiskEntry[] | undefined;
  /** The bytes of a file; undefined when it is none, or cannot be read. */
  readonly read: (path: string) => Uint8Array | undefined;
}

/** What a file or directory is told by without being read. */
export interface DiskStat {
  readonly kind: "file" | "directory";
  /** Differs whenever the content may: `size:mtimeNs:ctimeNs:inode`. */
  readonly stamp: string;
  /** When it was last touched, in milliseconds since 1970: the later of mtime and ctime. */
  readonly touchedMs: number;
}

/** An entry of a directory; a `link` is a symbolic one, whatever it leads to. */
export interface DiskEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "link" | "other";
}

/** The machine's file system. */
export const nodeDisk: Disk = {
  stat: (path) => {
    const found = attempt(() => statSync(path, { bigint: true, throwIfNoEntry: false }));
    if (found === undefined || !(found.isFile() || found.isDirectory())) return undefined;
    const { size, mtimeNs, ctimeNs, ino } = found;
    return {
      kind: found.isFile() ? "file" : "directory",
      stamp: `${size}:${mtimeNs}:${ctimeNs}:${ino}`,
      touchedMs: Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n),
    };
  },
  list: (path) => {
    const entries = attempt(() => readdirSync(path, { withFileTypes: true }));
    return entries
      ?.map((entry): DiskEntry => {
        const { name } = entry;
        if (entry.isFile()) return { name, kind: "file" };
        if (entry.isDirectory()) return { name, kind: "directory" };
        return { name, kind: entry.isSymbolicLink() ? "link" : "other" };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  },
  read: (path) => attempt(() => readFileSync(path)),
};

/** `disk` with a file that is not on it: `text`, at the absolute `path`. */
export function withFile(disk: Disk, path: string, text: string): Disk {
  const bytes = Buffer.from(text);
  const stat = { kind: "file", stamp: `text:${digestOf(bytes)}`, touchedMs: 0 } as const;
  return {
    stat: (one) => (one === path ? stat : disk.stat(one)),
    list: disk.list,
    read: (one) => (one === path ? bytes : disk.read(one)),
  };
}

/** Undefined for whatever the file system refuses: that is an answer here, and no bug. */
function attempt<T>(operation: () => T): T | undefined {
  try {
    return operation();
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
