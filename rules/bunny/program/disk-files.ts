// Files of the machine as nodes of a tree, with nothing that differs from machine to machine.

import { type Stats, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";

import {
  FormatError,
  type TreeNode,
  fileContent,
  hiddenNames,
  originOf,
} from "../../../src/index.ts";

/** How to take files. */
export interface DiskOptions {
  /** Whether permissions are those of the file; else only executable or not. */
  readonly keepsModes: boolean;
  /** Of all nodes, in seconds since 1970. */
  readonly mtime: number;
}

/** What is at the absolute path `path`, behind a link. Throws a FormatError for what no image holds. */
export function nodeAt(path: string, options: DiskOptions): TreeNode {
  const stats = statSync(path);
  if (!stats.isDirectory()) return nodeOf(Buffer.from(path), stats, options);
  return nodeOf(Buffer.from(`${originOf(path) ?? path}/`), stats, options);
}

/** A directory that nobody gave. */
export function emptyDirectory(mtime: number): TreeNode {
  return { kind: "directory", ...ownedByRoot(0o755, mtime), children: new Map() };
}

/** A file that is made up. */
export function textFile(text: string, mtime: number): TreeNode {
  const bytes = Buffer.from(text);
  const content = { sizeBytes: bytes.length, read: () => [bytes] };
  return { kind: "file", ...ownedByRoot(0o644, mtime), content };
}

function nodeOf(path: Buffer, stats: Stats, options: DiskOptions): TreeNode {
  const { mtime } = options;
  const mode = modeOf(stats, options);
  if (stats.isFile()) {
    const sizeBytes = stats.size;
    const content = { sizeBytes, read: () => fileContent(path, sizeBytes) };
    return { kind: "file", ...ownedByRoot(mode, mtime), content };
  }
  if (stats.isSymbolicLink()) {
    const target = readlinkSync(path, { encoding: "buffer" });
    return { kind: "symlink", target, ...ownedByRoot(0o777, mtime) };
  }
  if (!stats.isDirectory()) {
    throw new FormatError(path.toString(), "is a device, a fifo or a socket: no image holds it");
  }
  const children = readdirSync(path, { encoding: "latin1" })
    .filter((name) => !hiddenNames.has(name))
    .map((name) => {
      const child = Buffer.concat([path, slashUnless(path), Buffer.from(name, "latin1")]);
      return [name, nodeOf(child, lstatSync(child), options)] as const;
    });
  return { kind: "directory", ...ownedByRoot(mode, mtime), children: new Map(children) };
}

function slashUnless(path: Buffer): Buffer {
  return Buffer.from(path.at(-1) === 0x2f ? "" : "/");
}

function modeOf(stats: Stats, { keepsModes }: DiskOptions): number {
  if (keepsModes) return stats.mode & 0o7777;
  return stats.isDirectory() || (stats.mode & 0o111) !== 0 ? 0o755 : 0o644;
}

function ownedByRoot(mode: number, mtime: number) {
  return { mode, uid: 0, gid: 0, mtime } as const;
}
