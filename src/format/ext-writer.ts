// The blocks of an ext2 or ext4 image, as they are written one after the other.

import { writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import type { ImageOptions } from "./erofs-image.ts";
import {
  encodeExtInode,
  extDirectoryBlockCount,
  extDirectoryBlocks,
  extXattrBlock,
  shortTargetBytes,
} from "./ext-inode.ts";
import {
  blockBytes,
  type ExtGroup,
  type ExtLayout,
  firstInode,
  groupBlocks,
  groupsOf,
  rootInode,
} from "./ext-layout.ts";
import { BlockMap } from "./ext-map.ts";
import { encodeGroupTable, encodeSuperblock, type ExtCounts } from "./ext-superblock.ts";
import { blocksOf } from "./tree-content.ts";
import type { TreeInode } from "./tree-inodes.ts";

/** How many blocks `inode` has if none of them is a hole, without those that say where they are. */
export function blockCountOf(inode: TreeInode): number {
  const { node } = inode;
  if (node.kind === "directory") return extDirectoryBlockCount(inode);
  if (node.kind === "file") return Math.ceil(node.content.sizeBytes / blockBytes);
  return node.kind === "symlink" && node.target.byteLength >= shortTargetBytes ? 1 : 0;
}

function numberOf({ index }: TreeInode): number {
  return index === 0 ? rootInode : firstInode + index - 1;
}

/** An image that is being written, from its beginning on. */
export class ExtWriter {
  readonly #descriptor: number;
  readonly #layout: ExtLayout;
  readonly #groups: readonly ExtGroup[];
  readonly #options: ImageOptions;
  readonly #inodes: Buffer;
  readonly #directories: number[];
  #lastInode = firstInode - 1;
  #nextBlock: number;

  constructor(descriptor: number, layout: ExtLayout, options: ImageOptions) {
    this.#descriptor = descriptor;
    this.#layout = layout;
    this.#options = options;
    this.#groups = groupsOf(layout);
    this.#inodes = Buffer.alloc(layout.inodesPerGroup * layout.groupCount * layout.inodeBytes);
    this.#directories = this.#groups.map(() => 0);
    this.#nextBlock = this.#groups[0]?.dataStart ?? 0;
  }

  /** Writes the content of `source`, and notes its inode. */
  async add(source: TreeInode, signal: AbortSignal): Promise<void> {
    const { form, inodeBytes, inodesPerGroup } = this.#layout;
    const { node } = source;
    const firstBlock = this.#used;
    const map = new BlockMap();
    const sizeBytes = await this.#writeContent(source, map, signal);
    const blocks = { allocate: () => this.#allocate(), write: this.#write };
    const hasMap = blockCountOf(source) > 0 || node.kind === "file";
    const encoded =
      form === "ext4" ? () => map.encodeExtents(blocks) : () => map.encodeNumbers(blocks);
    const encodedMap = hasMap ? encoded() : undefined;
    const xattrs = extXattrBlock(source, form);
    const xattrBlock = xattrs === undefined ? 0 : this.#allocate();
    if (xattrs !== undefined) this.#write(xattrBlock, xattrs);
    const facts = {
      ...this.#options,
      form,
      inodeBytes,
      sizeBytes,
      usedBlocks: this.#used - firstBlock,
      map: encodedMap,
      xattrBlock,
    };
    const number = numberOf(source);
    this.#inodes.set(encodeExtInode(source, facts), (number - 1) * inodeBytes);
    this.#lastInode = Math.max(this.#lastInode, number);
    const group = Math.floor((number - 1) / inodesPerGroup);
    if (node.kind === "directory") this.#directories[group] = (this.#directories[group] ?? 0) + 1;
  }

  /** Writes all that tells of what was added. */
  finish(): void {
    const { inodesPerGroup, inodeBytes } = this.#layout;
    const counts = this.#counts();
    const table = encodeGroupTable(this.#layout, this.#groups, counts);
    for (const [copy, group] of this.#groups.entries()) {
      if (group.hasSuperblock) {
        const superblock = encodeSuperblock(this.#layout, counts, { ...this.#options, copy });
        // The first leaves room for what starts the machine.
        this.#writeAt(group.start * blockBytes + (copy === 0 ? 1024 : 0), superblock);
        this.#write(group.start + 1, table);
      }
      const usedBlocks = this.#usedBlocksIn(group);
      this.#write(group.blockBitmap, bitmapOf(usedBlocks, group.blockCount));
      const usedInodes = inodesPerGroup - (counts.freeInodes[copy] ?? 0);
      this.#write(group.inodeBitmap, bitmapOf(usedInodes, inodesPerGroup));
      const start = copy * inodesPerGroup * inodeBytes;
      const inodes = this.#inodes.subarray(start, start + inodesPerGroup * inodeBytes);
      this.#write(group.inodeTable, inodes);
    }
  }

  #used = 0;

  async #writeContent(source: TreeInode, map: BlockMap, signal: AbortSignal): Promise<number> {
    const { node, path } = source;
    if (node.kind === "directory") {
      const blocks = extDirectoryBlocks(source, numberOf);
      for (const [i, block] of blocks.entries()) this.#place(map, i, block);
      return blocks.length * blockBytes;
    }
    if (node.kind === "symlink") {
      const { target } = node;
      const block = Buffer.concat([target, Buffer.alloc(blockBytes - target.byteLength)]);
      if (target.byteLength >= shortTargetBytes) this.#place(map, 0, block);
      return target.byteLength;
    }
    if (node.kind !== "file") return 0;
    let logical = 0;
    for (const block of blocksOf(path, node.content, blockBytes)) {
      if (Buffer.compare(block, zeroBlock) !== 0) this.#place(map, logical, block);
      if (++logical % blocksPerTurn === 0) await setImmediate(undefined, { signal });
    }
    return node.content.sizeBytes;
  }

  #place(map: BlockMap, logical: number, bytes: Uint8Array): void {
    const block = this.#allocate();
    map.add(logical, block);
    this.#write(block, bytes);
  }

  /** The next block that is free: groups begin with what tells of them. */
  #allocate(): number {
    const block = this.#nextBlock++;
    this.#used++;
    if (this.#nextBlock % groupBlocks === 0) {
      const next = this.#groups[this.#nextBlock / groupBlocks];
      this.#nextBlock = next?.dataStart ?? this.#nextBlock;
    }
    if (block < this.#layout.blockCount) return block;
    throw new Error("bug: the image was laid out too small");
  }

  readonly #write = (block: number, bytes: Uint8Array): void => {
    this.#writeAt(block * blockBytes, bytes);
  };

  #writeAt(position: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; ) {
      at += writeSync(this.#descriptor, bytes, at, bytes.byteLength - at, position + at);
    }
  }

  #usedBlocksIn({ start, blockCount, dataStart }: ExtGroup): number {
    const metadata = dataStart - start;
    return Math.max(metadata, Math.min(blockCount, this.#nextBlock - start));
  }

  #counts(): ExtCounts {
    const { inodesPerGroup } = this.#layout;
    return {
      freeBlocks: this.#groups.map((group) => group.blockCount - this.#usedBlocksIn(group)),
      freeInodes: this.#groups.map((_, i) => {
        const used = this.#lastInode - i * inodesPerGroup;
        return inodesPerGroup - Math.max(0, Math.min(inodesPerGroup, used));
      }),
      directories: this.#directories,
    };
  }
}

const zeroBlock = Buffer.alloc(blockBytes);
const blocksPerTurn = 4096;

/** A bitmap of which the first `used` bits are set, and all from `size` on, which stand for nothing. */
function bitmapOf(used: number, size: number): Buffer {
  const bitmap = Buffer.alloc(blockBytes);
  for (let bit = 0; bit < blockBytes * 8; bit++) {
    if (bit < used || bit >= size) bitmap[bit >> 3]! |= 1 << (bit & 7);
  }
  return bitmap;
}
