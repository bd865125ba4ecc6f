// What unpacking tar archives leaves, as a tree. Knows no disk.

import type { ArchiveBytes } from "./archive-bytes.ts";
import { FileTree, type NodeFacts, type TreeNode } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import { readTar, type TarMember } from "./tar-archive.ts";

/** The tree that `archive` holds, which must stay open while content is read. */
export function treeOfTar(archive: ArchiveBytes): FileTree {
  const tree = new FileTree();
  for (const member of readTar(archive)) addMember(tree, archive, member);
  return tree;
}

/**
 * Lays the layer `archive` over `tree`: what its whiteouts name goes first, whatever their place
 * in it, as they are about the layers below. The archive must stay open while content is read.
 *
 * Source: OCI image-spec, "Image Layer Filesystem Changeset".
 */
export function applyLayer(tree: FileTree, archive: ArchiveBytes): void {
  const members: TarMember[] = [];
  for (const member of readTar(archive, "anywhere")) {
    const { directory, name } = partsOf(member.name);
    if (!name.startsWith(whiteoutPrefix)) members.push(member);
    // What the layer makes a directory may be a link to another one below, which stays.
    else if (name === opaqueName && tree.get(directory)?.kind !== "symlink") tree.empty(directory);
    else if (name === opaqueName) continue;
    // Other names of this kind are notes of a storage driver.
    else if (!name.startsWith(reservedPrefix)) {
      const hidden = name.slice(whiteoutPrefix.length);
      // Such a one would take the directory itself away, or leave it.
      if (hidden === "" || hidden === "." || hidden === "..") continue;
      tree.remove(Buffer.concat([directory, slash, Buffer.from(hidden, "latin1")]));
    }
  }
  for (const member of members) addMember(tree, archive, member);
}

const whiteoutPrefix = ".wh.";
const reservedPrefix = ".wh..wh.";
const opaqueName = ".wh..wh..opq";
const slash = Buffer.from("/");

function partsOf(path: Buffer): { readonly directory: Buffer; readonly name: string } {
  const end = path.at(-1) === 0x2f ? path.length - 1 : path.length;
  const cut = path.subarray(0, end).lastIndexOf(0x2f);
  const name = path.subarray(cut + 1, end).toString("latin1");
  return { directory: path.subarray(0, Math.max(0, cut)), name };
}

/** Puts `member` where unpacking would. Throws a FormatError. */
export function addMember(tree: FileTree, archive: ArchiveBytes, member: TarMember): void {
  try {
    tree.set(member.name, nodeOf(tree, archive, member));
  } catch (error) {
    if (!(error instanceof FormatError) || error.path.startsWith(archive.path)) throw error;
    throw new FormatError(`${archive.path}:`, error.message);
  }
}

function nodeOf(tree: FileTree, archive: ArchiveBytes, member: TarMember): TreeNode {
  const { mode, uid, gid, mtime, xattrs, major, minor, linkName } = member;
  const facts: NodeFacts = { mode, uid, gid, mtime, ...(xattrs.size > 0 && { xattrs }) };
  switch (member.type) {
    case "0":
      return { kind: "file", ...facts, content: member.content };
    case "1":
      return linked(tree, member);
    case "2":
      return { kind: "symlink", ...facts, mode: 0o777, target: linkName };
    case "3":
      return { kind: "device", ...facts, type: "character", major, minor };
    case "4":
      return { kind: "device", ...facts, type: "block", major, minor };
    case "5":
      return { kind: "directory", ...facts, children: new Map() };
    case "6":
      return { kind: "fifo", ...facts };
    default: {
      const what = `${archive.path}: ${readableName(member.name)}`;
      throw new FormatError(what, `is of the kind "${member.type}", which cannot be unpacked`);
    }
  }
}

/** What a hard link names, which must have come before. */
function linked(tree: FileTree, { name, linkName }: TarMember): TreeNode {
  const node = tree.get(linkName);
  if (node !== undefined && node.kind !== "directory") return node;
  const reason = `is a link to ${readableName(linkName)}, no file that came before`;
  throw new FormatError(readableName(name), reason);
}
