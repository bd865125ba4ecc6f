// Files of the machine → a tree, as COPY of container builders places them.

import { type Stats, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { posix } from "node:path";

import {
  type ExecPath,
  type FileTree,
  FormatError,
  type TreeEntry,
  type TreeNode,
  fileContent,
  hiddenNames,
  originOf,
} from "../../../src/index.ts";

/** Files to copy, as rules write it. */
export interface Copy {
  readonly path: ExecPath;
  /** What it is called when it is copied into a directory; empty: its content is. */
  readonly name: string;
  /** In the tree; with a slash at its end, a directory to copy into. */
  readonly to: string;
  /** Whether permissions are those of the file; else only executable or not. */
  readonly keepsModes: boolean;
}

/** What copying takes besides. */
export interface CopyOptions {
  readonly resolve: (path: ExecPath) => string;
  /** Of all entries, in seconds since 1970. */
  readonly mtime: number;
}

/**
 * Copies into `tree`, and gives the entries that came in, directories that had to be made among
 * them: what a layer holds. A directory that is copied to where one is, goes into it under its
 * own name. Throws a FormatError for what no image can hold.
 *
 * Source: BuildKit, FileOp copy; tonistiigi/fsutil, copy/copy.go.
 */
export function copyInto(tree: FileTree, copy: Copy, options: CopyOptions): TreeEntry[] {
  const placed: TreeEntry[] = [];
  const put = (path: string, node: TreeNode): void => {
    const bytes = Buffer.from(path, "latin1");
    tree.set(bytes, node);
    placed.push({ path: bytes, node });
  };
  const source = options.resolve(copy.path);
  const target = targetOf(tree, copy);
  const stats = statSync(source);
  const makeAbove = (path: string): void => {
    const above = posix.dirname(path);
    if (above === "." || tree.follow(Buffer.from(above, "latin1")) !== undefined) return;
    makeAbove(above);
    put(above, directoryNode(0o755, options.mtime));
  };
  if (target !== "") makeAbove(target);
  if (!stats.isDirectory()) {
    put(target, fileNode(source, stats, copy, options));
    return placed;
  }
  const mode = copy.keepsModes ? stats.mode & 0o7777 : 0o755;
  const isThere = tree.follow(Buffer.from(target, "latin1")) !== undefined;
  if (target !== "" && !isThere) put(target, directoryNode(mode, options.mtime));
  const directory = originOf(source) ?? source;
  for (const [path, node] of nodesBelow(`${directory}/`, "", copy, options)) {
    put(target === "" ? path : `${target}/${path}`, node);
  }
  return placed;
}

/** The path in the tree that the source itself gets, as bytes; empty for the root. */
function targetOf(tree: FileTree, { to, name }: Copy): string {
  const bytes = Buffer.from(to).toString("latin1");
  const parts = bytes.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new FormatError(to, "leads out of the image");
  const path = parts.join("/");
  const isDirectory = tree.follow(Buffer.from(path, "latin1"))?.kind === "directory";
  if (name === "" || !(isDirectory || to.endsWith("/"))) return path;
  return posix.join(path, Buffer.from(name).toString("latin1"));
}

function* nodesBelow(
  root: string,
  below: string,
  copy: Copy,
  options: CopyOptions,
): Generator<[path: string, node: TreeNode]> {
  const at = (path: string): Buffer =>
    Buffer.concat([Buffer.from(root), Buffer.from(path, "latin1")]);
  for (const name of readdirSync(at(below), { encoding: "latin1" }).sort()) {
    if (hiddenNames.has(name)) continue;
    const path = below === "" ? name : `${below}/${name}`;
    const stats = lstatSync(at(path));
    const mode = copy.keepsModes ? stats.mode & 0o7777 : 0o755;
    if (stats.isDirectory()) {
      yield [path, directoryNode(mode, options.mtime)];
      yield* nodesBelow(root, path, copy, options);
    } else if (stats.isSymbolicLink()) {
      const target = readlinkSync(at(path), { encoding: "buffer" });
      yield [path, { kind: "symlink", target, ...ownedByRoot(0o777, options.mtime) }];
    } else if (stats.isFile()) {
      yield [path, fileNode(at(path), stats, copy, options)];
    } else {
      throw new FormatError(path, "is a device, a fifo or a socket, which belongs into no image");
    }
  }
}

function ownedByRoot(mode: number, mtime: number) {
  return { mode, uid: 0, gid: 0, mtime } as const;
}

function directoryNode(mode: number, mtime: number): TreeNode {
  return { kind: "directory", ...ownedByRoot(mode, mtime), children: new Map() };
}

function fileNode(
  file: string | Buffer,
  { mode, size }: Stats,
  { keepsModes }: Pick<Copy, "keepsModes">,
  { mtime }: CopyOptions,
): TreeNode {
  const plain = (mode & 0o111) === 0 ? 0o644 : 0o755;
  const facts = ownedByRoot(keepsModes ? mode & 0o7777 : plain, mtime);
  return {
    kind: "file",
    ...facts,
    content: { sizeBytes: size, read: () => fileContent(file, size) },
  };
}

/** A file that is made up, as an entry of a layer. */
export function textEntry(path: string, text: string, mtime: number): TreeEntry {
  const bytes = Buffer.from(text);
  const content = { sizeBytes: bytes.length, read: () => [bytes] };
  return { path: Buffer.from(path), node: { kind: "file", ...ownedByRoot(0o644, mtime), content } };
}
