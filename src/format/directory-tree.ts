// A directory on disk as a tree. Knows no archives.

import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from "node:fs";

import { fileContent } from "./file-content.ts";
import {
  type DirectoryNode,
  type FileNode,
  FileTree,
  type NodeFacts,
  plainDirectory,
  type TreeNode,
} from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import { rootMode } from "./root-mode.ts";

/** What of a directory to take. */
export interface DirectoryOptions {
  /** Names that are left out wherever they are, with all below them; absent: none. */
  readonly hidden?: ReadonlySet<string>;
  /** Whether to leave out a path, each byte a character; absent: nothing is. */
  readonly isLeftOut?: (path: string, kind: "directory" | "other") => boolean;
  /** Whether nothing is wanted of what is in a directory that is left out; absent: it may be. */
  readonly isClosed?: (path: string) => boolean;
  /**
   * True for what an action made: of its files it counts only whether they can be executed, and
   * equal ones are the same file of the CAS without being hard links.
   */
  readonly isSealed?: boolean;
  /** True where the files are to be root's: see {@link rootMode}. */
  readonly isForRoot?: boolean;
}

/**
 * What is in the absolute path `directory`, which may itself be a symbolic link; none below it is
 * followed. Files that are linked under several names are one node. Extended attributes are not
 * read, as Node cannot. Content is read when it is asked for, from files that must stay.
 */
export function treeOfDirectory(directory: string, options: DirectoryOptions = {}): FileTree {
  const tree = new FileTree();
  const walk: Walk = { root: Buffer.from(`${directory}/`), options, links: new Map() };
  const facts = factsOf(lstatSync(walk.root, { bigint: true }), options);
  tree.set(Buffer.alloc(0), { kind: "directory", ...facts, children: new Map() });
  fill(tree.root, Buffer.alloc(0), walk);
  return tree;
}

interface Walk {
  readonly root: Buffer;
  readonly options: DirectoryOptions;
  /** Files with several names, by device and inode. */
  readonly links: Map<string, FileNode>;
}

function fill(into: DirectoryNode, prefix: Buffer, walk: Walk): void {
  const { hidden, isLeftOut, isClosed } = walk.options;
  for (const name of readdirSync(Buffer.concat([walk.root, prefix]), { encoding: "buffer" })) {
    const key = name.toString("latin1");
    if (hidden?.has(key) === true) continue;
    const path = Buffer.concat([prefix, name]);
    const node = nodeOf(path, walk);
    const isDirectory = node.kind === "directory";
    const isOut =
      isLeftOut?.(path.toString("latin1"), isDirectory ? "directory" : "other") === true;
    if (isOut && isClosed?.(path.toString("latin1")) === true) continue;
    if (isDirectory) fill(node, Buffer.concat([path, slash]), walk);
    // A directory that is left out stays when something in it is wanted after all.
    if (!isOut || (isDirectory && node.children.size > 0)) into.children.set(key, node);
  }
}

const slash = Buffer.from("/");

function factsOf(stats: BigIntStats, { isSealed, isForRoot }: DirectoryOptions): NodeFacts {
  const own = Number(stats.mode) & 0o7777;
  const mode = isForRoot === true ? rootMode(own) : own;
  if (isSealed === true) {
    return { ...plainDirectory, mode: stats.isDirectory() || (mode & 0o111) !== 0 ? 0o755 : 0o644 };
  }
  const [uid, gid] = [Number(stats.uid), Number(stats.gid)];
  return { mode, uid, gid, mtime: Number(stats.mtimeMs / 1000n) };
}

function nodeOf(path: Buffer, { root, links, options }: Walk): TreeNode {
  const file = Buffer.concat([root, path]);
  const stats = lstatSync(file, { bigint: true });
  const facts = factsOf(stats, options);
  if (stats.isDirectory()) return { kind: "directory", ...facts, children: new Map() };
  if (stats.isFile()) {
    const key = `${stats.dev}:${stats.ino}`;
    const known = links.get(key);
    if (known !== undefined) return known;
    const sizeBytes = Number(stats.size);
    const content = { sizeBytes, read: () => fileContent(file, sizeBytes) };
    const node: FileNode = { kind: "file", ...facts, content };
    if (stats.nlink > 1n && options.isSealed !== true) links.set(key, node);
    return node;
  }
  if (stats.isSymbolicLink()) {
    // Linux has no modes of links; elsewhere they depend on the umask.
    const target = readlinkSync(file, { encoding: "buffer" });
    return { kind: "symlink", ...facts, mode: 0o777, target };
  }
  if (stats.isFIFO()) return { kind: "fifo", ...facts };
  if (stats.isSocket()) return { kind: "socket", ...facts };
  return deviceOf(path, stats, facts);
}

function deviceOf(path: Buffer, stats: BigIntStats, facts: NodeFacts) {
  if (!stats.isBlockDevice() && !stats.isCharacterDevice()) {
    throw new FormatError(readableName(path), "is of a kind that no file system holds");
  }
  const type = stats.isBlockDevice() ? "block" : "character";
  const { rdev } = stats;
  // Source: Linux, glibc's makedev(3).
  const major = Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn));
  const minor = Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n));
  return { kind: "device", ...facts, type, major, minor } as const;
}
