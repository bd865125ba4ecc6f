// Directories of EROFS: blocks of entries, each with the names of its own.
// Source: Linux, fs/erofs/erofs_fs.h, "struct erofs_dirent"; fs/erofs/dir.c.

import { type InodeEntry, type TreeInode, directoryTypeOf, splitEntries } from "./tree-inodes.ts";

/** How many bytes the entries of `directory` take; all blocks but the last are whole. */
export function directoryBytesOf(directory: TreeInode): number {
  const blocks = blocksOf(directory);
  const last = blocks.at(-1) ?? [];
  return (blocks.length - 1) * blockBytes + usedBytesOf(last);
}

/**
 * The blocks of `directory`, where `numberOf` gives the number by which the file system knows the
 * inode of an index. All have the size of a block but the last.
 */
export function* directoryBlocksOf(
  directory: TreeInode,
  numberOf: (index: number) => number,
): Generator<Uint8Array> {
  const blocks = blocksOf(directory);
  for (const [i, entries] of blocks.entries()) {
    const isLast = i === blocks.length - 1;
    const block = Buffer.alloc(isLast ? usedBytesOf(entries) : blockBytes);
    let nameAt = entries.length * entryBytes;
    for (const [j, { name, inode }] of entries.entries()) {
      const at = j * entryBytes;
      block.writeBigUInt64LE(BigInt(numberOf(inode.index)), at);
      block.writeUInt16LE(nameAt, at + 8);
      block.writeUInt8(directoryTypeOf(inode.node), at + 10);
      block.set(name, nameAt);
      nameAt += name.length;
    }
    yield block;
  }
}

const blockBytes = 4096;
const entryBytes = 12;

/** With those for the directory itself and the one around it, in the order of bytes. */
function entriesOf(directory: TreeInode): InodeEntry[] {
  const around = directory.parent ?? directory;
  return [
    { name: Buffer.from("."), inode: directory },
    { name: Buffer.from(".."), inode: around },
    ...directory.entries,
  ].sort((a, b) => Buffer.compare(a.name, b.name));
}

function blocksOf(directory: TreeInode): InodeEntry[][] {
  return splitEntries(entriesOf(directory), blockBytes, ({ length }) => entryBytes + length);
}

function usedBytesOf(entries: readonly InodeEntry[]): number {
  return entries.reduce((sum, { name }) => sum + entryBytes + name.length, 0);
}
