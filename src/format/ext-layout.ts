// Where things stand in an ext2 or ext4 image. Pure: numbers in, numbers out.
// Source: Linux, Documentation/filesystems/ext4, "Block and Inode Groups".

import { FormatError } from "./format-error.ts";

export const blockBytes = 4096;

/** As Linux names them: `ext2` is what older readers take, without extents. */
export type ExtForm = "ext2" | "ext4";

/** The groups of an image, and what stands in them. */
export interface ExtLayout {
  readonly form: ExtForm;
  readonly blockCount: number;
  readonly groupCount: number;
  readonly inodesPerGroup: number;
  readonly inodeBytes: number;
  /** Of the table of groups, which stands behind every superblock. */
  readonly tableBlocks: number;
}

/** A group, by the blocks where its parts begin. */
export interface ExtGroup {
  readonly start: number;
  readonly blockCount: number;
  readonly hasSuperblock: boolean;
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
  /** Where content may stand. */
  readonly dataStart: number;
}

/** A layout for `inodeCount` inodes and `dataBlocks` blocks of content, with room for some more. */
export function extLayout(form: ExtForm, inodeCount: number, dataBlocks: number): ExtLayout {
  // A tenth more, as some write to their root file system.
  const inodes = inodeCount + firstInode + Math.ceil(inodeCount / 10) + 16;
  const wanted = dataBlocks + Math.ceil(dataBlocks / 10) + 64;
  const inodeBytes = form === "ext2" ? 128 : 256;
  for (let groupCount = Math.ceil(wanted / groupBlocks); ; groupCount++) {
    const perBlock = blockBytes / inodeBytes;
    const inodesPerGroup = Math.ceil(inodes / groupCount / perBlock) * perBlock;
    const tableBlocks = Math.ceil((groupCount * 32) / blockBytes);
    const full = groupCount * groupBlocks;
    const layout = { form, groupCount, inodesPerGroup, inodeBytes, tableBlocks, blockCount: full };
    const free = freeBlocksOf(layout);
    if (inodesPerGroup > 8 * blockBytes || free < wanted) continue;
    const lastGroup = groupOf(layout, groupCount - 1);
    const excess = Math.min(
      free - wanted,
      groupBlocks - (lastGroup.dataStart - lastGroup.start) - 64,
    );
    if (full - excess >= 2 ** 32) throw new FormatError("the image", `is too large for ${form}`);
    return { ...layout, blockCount: full - excess };
  }
}

/** Inodes below it have a meaning of their own. */
export const firstInode = 11;
export const rootInode = 2;
export const groupBlocks = 8 * blockBytes;

export function groupOf(layout: ExtLayout, index: number): ExtGroup {
  const start = index * groupBlocks;
  const hasSuperblock = hasCopy(index);
  const blockBitmap = start + (hasSuperblock ? 1 + layout.tableBlocks : 0);
  const inodeTable = blockBitmap + 2;
  const inodeBlocks = (layout.inodesPerGroup * layout.inodeBytes) / blockBytes;
  return {
    start,
    blockCount: Math.min(groupBlocks, layout.blockCount - start),
    hasSuperblock,
    blockBitmap,
    inodeBitmap: blockBitmap + 1,
    inodeTable,
    dataStart: inodeTable + inodeBlocks,
  };
}

export function groupsOf(layout: ExtLayout): ExtGroup[] {
  return Array.from({ length: layout.groupCount }, (_, index) => groupOf(layout, index));
}

function freeBlocksOf(layout: ExtLayout): number {
  return groupsOf(layout).reduce((sum, group) => {
    return sum + group.blockCount - (group.dataStart - group.start);
  }, 0);
}

/** Copies of the superblock are in the groups 0, 1, and powers of 3, 5 and 7. */
function hasCopy(index: number): boolean {
  if (index <= 1) return true;
  return [3, 5, 7].some((base) => {
    let power: number = base;
    while (power < index) power *= base;
    return power === index;
  });
}
