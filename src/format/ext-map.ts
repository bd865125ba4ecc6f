// How inodes of ext2 and ext4 say where their blocks are.
// Source: Linux, Documentation/filesystems/ext4, "The Contents of inode.i_block".

import { blockBytes } from "./ext-layout.ts";

/** Blocks that follow each other, both in a file and in the image. */
interface Run {
  readonly logical: number;
  readonly physical: number;
  count: number;
}

/** Where blocks of a map come from and go to. */
export interface MapBlocks {
  readonly allocate: () => number;
  readonly write: (block: number, bytes: Uint8Array) => void;
}

/** The blocks of one file: those that nobody adds are holes. */
export class BlockMap {
  readonly #runs: Run[] = [];

  add(logical: number, physical: number): void {
    const last = this.#runs.at(-1);
    const isNext =
      last !== undefined &&
      last.count < runLimit &&
      last.logical + last.count === logical &&
      last.physical + last.count === physical;
    if (isNext) last.count++;
    else this.#runs.push({ logical, physical, count: 1 });
  }

  /** The 60 bytes for the inode of an ext4 image, after writing what does not fit into them. */
  encodeExtents(blocks: MapBlocks): Buffer {
    let entries = this.#runs.map(({ logical, physical, count }) => {
      const bytes = Buffer.alloc(12);
      bytes.writeUInt32LE(logical, 0);
      bytes.writeUInt16LE(count, 4);
      bytes.writeUInt32LE(physical, 8);
      return { logical, bytes };
    });
    let depth = 0;
    for (; entries.length > 4; depth++) {
      const level: typeof entries = [];
      for (let i = 0; i < entries.length; i += entriesPerBlock) {
        const below = entries.slice(i, i + entriesPerBlock);
        const block = blocks.allocate();
        const content = nodeOf(below, { max: entriesPerBlock, depth, sizeBytes: blockBytes });
        blocks.write(block, content);
        const logical = below[0]?.logical ?? 0;
        const bytes = Buffer.alloc(12);
        bytes.writeUInt32LE(logical, 0);
        bytes.writeUInt32LE(block, 4);
        level.push({ logical, bytes });
      }
      entries = level;
    }
    return nodeOf(entries, { max: 4, depth, sizeBytes: 60 });
  }

  /** The same for an ext2 image: twelve blocks, and blocks of numbers of blocks, up to three deep. */
  encodeNumbers(blocks: MapBlocks): Buffer {
    const last = this.#runs.at(-1);
    const numbers = new Uint32Array(last === undefined ? 0 : last.logical + last.count);
    for (const { logical, physical, count } of this.#runs) {
      for (let i = 0; i < count; i++) numbers[logical + i] = physical + i;
    }
    const bytes = Buffer.alloc(60);
    for (let i = 0; i < 12; i++) bytes.writeUInt32LE(numbers[i] ?? 0, i * 4);
    let start = 12;
    for (let depth = 1; depth <= 3; depth++) {
      const covered = numbersPerBlock ** depth;
      const block = numberBlock(numbers.subarray(start, start + covered), depth, blocks);
      bytes.writeUInt32LE(block, (11 + depth) * 4);
      start += covered;
    }
    return bytes;
  }
}

const runLimit = 32_768;
const entriesPerBlock = (blockBytes - 12) / 12 - (((blockBytes - 12) / 12) % 1);
const numbersPerBlock = blockBytes / 4;

/** The largest file that a map of numbers can hold, in blocks. */
export const numberLimit = 12 + numbersPerBlock + numbersPerBlock ** 2 + numbersPerBlock ** 3;

function nodeOf(
  entries: readonly { readonly bytes: Buffer }[],
  facts: { readonly max: number; readonly depth: number; readonly sizeBytes: number },
): Buffer {
  const node = Buffer.alloc(facts.sizeBytes);
  node.writeUInt16LE(0xf30a, 0);
  node.writeUInt16LE(entries.length, 2);
  node.writeUInt16LE(facts.max, 4);
  node.writeUInt16LE(facts.depth, 6);
  for (const [i, { bytes }] of entries.entries()) node.set(bytes, 12 + i * 12);
  return node;
}

/** The block that says where `numbers` are, written; 0 where all of them are holes. */
function numberBlock(numbers: Uint32Array, depth: number, blocks: MapBlocks): number {
  if (numbers.every((one) => one === 0)) return 0;
  const block = blocks.allocate();
  const bytes = Buffer.alloc(blockBytes);
  const covered = numbersPerBlock ** (depth - 1);
  for (let i = 0; i * covered < numbers.length; i++) {
    const part = numbers.subarray(i * covered, (i + 1) * covered);
    const number = depth === 1 ? (part[0] ?? 0) : numberBlock(part, depth - 1, blocks);
    bytes.writeUInt32LE(number, i * 4);
  }
  blocks.write(block, bytes);
  return block;
}
