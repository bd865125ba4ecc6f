// Trees as file systems have them: inodes, and directories that name them. Knows no format.

import type { DirectoryNode, FileTree, TreeNode } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";

/** A node, once, whatever the number of its names. */
export interface TreeInode {
  /** From 0, in the order of the tree; the root is the first. */
  readonly index: number;
  /** Its first name. */
  readonly path: Buffer;
  readonly node: TreeNode;
  /** Of a directory, that and what is in it point at; of others, their names. */
  links: number;
  /** What is in a directory, by the bytes of the names; empty for all else. */
  readonly entries: InodeEntry[];
  /** The directory that it is in; the root is in itself. */
  readonly parent: TreeInode | undefined;
}

export interface InodeEntry {
  readonly name: Buffer;
  readonly inode: TreeInode;
}

/** The inodes of `tree`. Throws a FormatError for names that no file system holds. */
export function inodesOf(tree: FileTree): TreeInode[] {
  const inodes: TreeInode[] = [];
  const known = new Map<TreeNode, TreeInode>();
  const add = (node: TreeNode, path: Buffer, parent: TreeInode | undefined): TreeInode => {
    const links = node.kind === "directory" ? 2 : 1;
    const inode = { index: inodes.length, path, node, links, entries: [], parent };
    inodes.push(inode);
    known.set(node, inode);
    return inode;
  };
  const fill = (directory: DirectoryNode, into: TreeInode, prefix: Buffer): void => {
    for (const key of [...directory.children.keys()].sort()) {
      const node = directory.children.get(key);
      if (node === undefined) continue;
      const name = Buffer.from(key, "latin1");
      const path = Buffer.concat([prefix, name]);
      if (name.length > 255) throw new FormatError(readableName(path), "has too long a name");
      const shared = known.get(node);
      if (shared !== undefined) shared.links++;
      const inode = shared ?? add(node, path, into);
      into.entries.push({ name, inode });
      if (node.kind !== "directory") continue;
      into.links++;
      fill(node, inode, Buffer.concat([path, slash]));
    }
  };
  fill(tree.root, add(tree.root, Buffer.from("."), undefined), Buffer.alloc(0));
  return inodes;
}

const slash = Buffer.from("/");

/** The numbers of file types in directories. Source: Linux, `include/linux/fs_types.h`. */
export function directoryTypeOf(node: TreeNode): number {
  if (node.kind === "device") return node.type === "character" ? 3 : 4;
  return { file: 1, directory: 2, fifo: 5, socket: 6, symlink: 7 }[node.kind];
}

/** The type and permission bits of `node`. Source: POSIX, `<sys/stat.h>`. */
export function modeOf(node: TreeNode): number {
  if (node.kind === "device") return (node.type === "character" ? 0o020000 : 0o060000) | node.mode;
  const type = {
    fifo: 0o010000,
    directory: 0o040000,
    file: 0o100000,
    symlink: 0o120000,
    socket: 0o140000,
  }[node.kind];
  return type | node.mode;
}

/** A device's number as Linux stores it. Source: Linux, `include/linux/kdev_t.h`. */
export function encodedDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** An extended attribute with its prefix as a number. */
export interface NumberedXattr {
  readonly prefix: number;
  readonly name: Buffer;
  readonly value: Uint8Array;
}

/**
 * The attributes of `inode` by prefix, length and name, as ext and EROFS number them. Throws a
 * FormatError for one that neither can hold. Source: Linux, `fs/ext4/xattr.h`, `fs/erofs/xattr.c`.
 */
export function xattrsOf({ node, path }: TreeInode): NumberedXattr[] {
  const found = [...(node.xattrs ?? [])].map(([full, value]) => {
    const [known, prefix] = prefixes.find(([text]) => full.startsWith(text)) ?? [];
    const name = Buffer.from(full.slice(known?.length ?? 0), "utf8");
    const isWhole = full === known;
    const isNamed = name.length > 0 || known?.startsWith("system.") === true;
    const isHeld = prefix !== undefined && name.length < 256 && value.byteLength < 2 ** 16;
    if (isHeld && isNamed && (isWhole || !known?.startsWith("system."))) {
      return { prefix, name, value };
    }
    throw new FormatError(
      readableName(path),
      `has the extended attribute ${JSON.stringify(full)}, which the format cannot hold`,
    );
  });
  return found.sort(
    (a, b) =>
      a.prefix - b.prefix || a.name.length - b.name.length || Buffer.compare(a.name, b.name),
  );
}

const prefixes = [
  ["user.", 1],
  ["system.posix_acl_access", 2],
  ["system.posix_acl_default", 3],
  ["trusted.", 4],
  ["security.", 6],
] as const;

/** `entries` in blocks of `blockBytes`, in none of which the sizes by name go beyond it. */
export function splitEntries(
  entries: readonly InodeEntry[],
  blockBytes: number,
  sizeOf: (name: Buffer) => number,
): InodeEntry[][] {
  const blocks: InodeEntry[][] = [[]];
  let used = 0;
  for (const entry of entries) {
    const size = sizeOf(entry.name);
    if (used + size > blockBytes) {
      blocks.push([]);
      used = 0;
    }
    blocks.at(-1)?.push(entry);
    used += size;
  }
  return blocks;
}
