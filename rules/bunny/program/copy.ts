// Files → a tree, as COPY of container builders places them.

import { posix } from "node:path";

import {
  type ExecPath,
  type FileTree,
  FormatError,
  type ProgramContext,
  type TreeEntry,
  type TreeNode,
} from "../../../src/index.ts";
import { emptyDirectory, type IgnoredFiles, nodeAt } from "./disk-files.ts";
import type { ImageFiles, OpenImages } from "./image-files.ts";

/** Files to copy, as rules write it. */
export interface Copy {
  /** A path of the machine; or one in `image`. */
  readonly path: ExecPath;
  readonly image?: ImageFiles;
  /** What it is called when it is copied into a directory; empty: its content is. */
  readonly name: string;
  /** In the tree; with a slash at its end, a directory to copy into. */
  readonly to: string;
  /** Whether permissions are those of the file; else only executable or not. */
  readonly keepsModes: boolean;
  /** What of it is left out; absent: nothing. */
  readonly ignored?: IgnoredFiles;
}

/** What copying takes besides. */
export interface CopyOptions extends Pick<ProgramContext, "resolve"> {
  readonly images: OpenImages;
  /** Of all that comes from the machine, in seconds since 1970. */
  readonly mtime: number;
}

/**
 * Copies into `tree`, and gives the entries that came in, directories that had to be made among
 * them: what a layer holds. A directory that is copied to where one is, goes into it under its
 * own name. Throws a FormatError for what no image can hold.
 *
 * Source: BuildKit, FileOp copy; tonistiigi/fsutil, copy/copy.go.
 */
export async function copyInto(
  tree: FileTree,
  copy: Copy,
  options: CopyOptions,
): Promise<TreeEntry[]> {
  const node = await sourceOf(copy, options);
  const placed: TreeEntry[] = [];
  const put = (path: string, one: TreeNode): void => {
    const entry = { path: bytesOf(path), node: withoutChildren(one) };
    tree.set(entry.path, entry.node);
    placed.push(entry);
  };
  const makeAbove = (path: string): void => {
    const above = posix.dirname(path);
    if (above === "." || tree.follow(bytesOf(above)) !== undefined) return;
    makeAbove(above);
    put(above, emptyDirectory(options.mtime));
  };
  const putAll = (path: string, one: TreeNode): void => {
    if (one.kind !== "directory") return put(path, one);
    if (path !== "" && tree.follow(bytesOf(path))?.kind !== "directory") put(path, one);
    // In the order that tar and CPIO have.
    for (const name of [...one.children.keys()].sort()) {
      putAll(path === "" ? name : `${path}/${name}`, one.children.get(name)!);
    }
  };
  const target = targetOf(tree, copy);
  if (target !== "") makeAbove(target);
  putAll(target, node);
  return placed;
}

async function sourceOf(
  { path, image, keepsModes, ignored }: Copy,
  { resolve, images, mtime }: CopyOptions,
): Promise<TreeNode> {
  if (image === undefined) {
    return nodeAt(resolve(path), { keepsModes, mtime, ...(ignored && { ignored }) });
  }
  const tree = await images.treeOf(image);
  const node = tree.follow(Buffer.from(path));
  if (node === undefined) throw new FormatError(path, "is not in the image");
  return node;
}

/** The path in the tree that the source itself gets, as bytes; empty for the root. */
function targetOf(tree: FileTree, { to, name }: Copy): string {
  const bytes = Buffer.from(to).toString("latin1");
  const parts = bytes.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new FormatError(to, "leads out of the image");
  const path = parts.join("/");
  const isDirectory = tree.follow(bytesOf(path))?.kind === "directory";
  if (name === "" || !(isDirectory || to.endsWith("/"))) return path;
  return posix.join(path, Buffer.from(name).toString("latin1"));
}

function withoutChildren(node: TreeNode): TreeNode {
  return node.kind === "directory" ? { ...node, children: new Map() } : node;
}

/** Characters of paths here are bytes, so that names need be no text. */
function bytesOf(path: string): Buffer {
  return Buffer.from(path, "latin1");
}
