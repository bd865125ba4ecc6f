// Files of the machine as nodes of a tree, with nothing that differs from machine to machine.

import { type Stats, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";

import {
  FormatError,
  type IgnorePatterns,
  type TreeNode,
  fileContent,
  hiddenNames,
  ignorePatterns,
  originOf,
} from "../../../src/index.ts";

/** How to take files. */
export interface DiskOptions {
  /** Whether permissions are those of the file; else only executable or not. */
  readonly keepsModes: boolean;
  /** Of all nodes, in seconds since 1970. */
  readonly mtime: number;
  /** What of a directory is left out; absent: nothing. */
  readonly ignored?: IgnoredFiles;
}

/** Files that are left out, as `.dockerignore` says. */
export interface IgnoredFiles {
  readonly patterns: readonly string[];
  /** Where what is copied stands below the directory that they are about; empty: it is that. */
  readonly below: string;
}

/** What is at the absolute path `path`, behind a link. Throws a FormatError for what no image holds. */
export function nodeAt(path: string, options: DiskOptions): TreeNode {
  const stats = statSync(path);
  const { patterns = [], below = "" } = options.ignored ?? {};
  const leftOut = ignorePatterns(patterns);
  const taking = { ...options, leftOut };
  if (!stats.isDirectory()) return nodeOf(Buffer.from(path), stats, { ...taking, inner: below });
  const top = Buffer.from(`${originOf(path) ?? path}/`);
  return nodeOf(top, stats, { ...taking, inner: below });
}

/** How to take what stands at `inner`, in characters that are bytes. */
interface Taking extends DiskOptions {
  readonly leftOut: IgnorePatterns;
  readonly inner: string;
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

function nodeOf(path: Buffer, stats: Stats, options: Taking): TreeNode {
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
  const children = childrenOf(path, options);
  return { kind: "directory", ...ownedByRoot(mode, mtime), children };
}

function childrenOf(path: Buffer, options: Taking): Map<string, TreeNode> {
  const { leftOut, inner: above } = options;
  const names = readdirSync(path, { encoding: "latin1" }).filter((name) => !hiddenNames.has(name));
  const children = new Map<string, TreeNode>();
  for (const name of names) {
    const inner = above === "" ? name : `${above}/${name}`;
    const isLeftOut = leftOut.matches(Buffer.from(inner, "latin1").toString());
    const child = Buffer.concat([path, slashUnless(path), Buffer.from(name, "latin1")]);
    const stats = lstatSync(child);
    // In a directory that is left out, an exception may mean something.
    if (isLeftOut && !(stats.isDirectory() && leftOut.hasExceptions)) continue;
    const node = nodeOf(child, stats, { ...options, inner });
    const isEmpty = node.kind === "directory" && node.children.size === 0;
    if (!(isLeftOut && isEmpty)) children.set(name, node);
  }
  return children;
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
