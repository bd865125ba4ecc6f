// Superblocks and group descriptors of ext2 and ext4.
// Source: Linux, fs/ext4/ext4.h, "struct ext4_super_block", "struct ext4_group_desc".

import {
  blockBytes,
  type ExtGroup,
  type ExtLayout,
  firstInode,
  groupBlocks,
} from "./ext-layout.ts";

/** What is known once all is placed. */
export interface ExtCounts {
  readonly freeBlocks: readonly number[];
  readonly freeInodes: readonly number[];
  readonly directories: readonly number[];
}

/** What an image says of itself. */
export interface ExtIdentity {
  readonly mtime: number;
  readonly uuid: Uint8Array;
}

/** The superblock as it stands in the group `copy`, 1024 bytes. */
export function encodeSuperblock(
  layout: ExtLayout,
  counts: ExtCounts,
  { mtime, uuid, copy }: ExtIdentity & { readonly copy: number },
): Buffer {
  const bytes = Buffer.alloc(1024);
  const word = (value: number, at: number) => bytes.writeUInt32LE(value, at);
  const half = (value: number, at: number) => bytes.writeUInt16LE(value, at);
  const isExt4 = layout.form === "ext4";
  word(layout.inodesPerGroup * layout.groupCount, 0);
  word(layout.blockCount, 4);
  word(sumOf(counts.freeBlocks), 12);
  word(sumOf(counts.freeInodes), 16);
  word(Math.log2(blockBytes) - 10, 24);
  word(Math.log2(blockBytes) - 10, 28);
  word(groupBlocks, 32);
  word(groupBlocks, 36);
  word(layout.inodesPerGroup, 40);
  word(mtime, 48); // When it was written; it was never mounted.
  half(0xffff, 54); // It may be mounted however often.
  half(0xef53, 56);
  half(1, 58); // Clean.
  half(1, 60); // Errors are passed over.
  word(mtime, 64);
  word(1, 76); // Inodes have a size, and features are noted.
  word(firstInode, 84);
  half(layout.inodeBytes, 88);
  half(copy, 90);
  word(feature.extendedAttributes, 92);
  word(feature.fileType | (isExt4 ? feature.extents : 0), 96);
  word(feature.sparseSuper | feature.largeFile | (isExt4 ? feature.extraInodeSize : 0), 100);
  bytes.set(uuid, 104);
  bytes.set(uuid, 236); // The seed of hashes, should directories ever be indexed.
  bytes.writeUInt8(1, 252);
  word(mtime, 264);
  if (isExt4) {
    half(32, 348);
    half(32, 350);
  }
  word(1, 352); // Characters are signed in hashes.
  return bytes;
}

const feature = {
  extendedAttributes: 0x8,
  fileType: 0x2,
  extents: 0x40,
  sparseSuper: 0x1,
  largeFile: 0x2,
  extraInodeSize: 0x40,
} as const;

/** The table of all groups, in whole blocks. */
export function encodeGroupTable(
  layout: ExtLayout,
  groups: readonly ExtGroup[],
  counts: ExtCounts,
): Buffer {
  const bytes = Buffer.alloc(layout.tableBlocks * blockBytes);
  for (const [i, group] of groups.entries()) {
    const at = i * 32;
    bytes.writeUInt32LE(group.blockBitmap, at);
    bytes.writeUInt32LE(group.inodeBitmap, at + 4);
    bytes.writeUInt32LE(group.inodeTable, at + 8);
    bytes.writeUInt16LE(counts.freeBlocks[i] ?? 0, at + 12);
    bytes.writeUInt16LE(counts.freeInodes[i] ?? 0, at + 14);
    bytes.writeUInt16LE(counts.directories[i] ?? 0, at + 16);
  }
  return bytes;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
