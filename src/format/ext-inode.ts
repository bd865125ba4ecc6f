// Inodes, directories and extended attributes of ext2 and ext4, as bytes.
// Source: Linux, fs/ext4/ext4.h, "struct ext4_inode", "struct ext4_dir_entry_2"; fs/ext4/xattr.h.

import { blockBytes, type ExtForm } from "./ext-layout.ts";
import { FormatError, readableName } from "./format-error.ts";
import type { Owners } from "./newc-tree.ts";
import {
  type InodeEntry,
  type TreeInode,
  directoryTypeOf,
  encodedDevice,
  modeOf,
  xattrsOf,
  splitEntries,
} from "./tree-inodes.ts";

/** What an inode is told beside its node. */
export interface ExtInodeFacts {
  readonly form: ExtForm;
  readonly inodeBytes: number;
  readonly mtime: number;
  readonly owners: Owners;
  readonly sizeBytes: number;
  /** Of content, of maps, and of attributes. */
  readonly usedBlocks: number;
  /** The 60 bytes that say where the blocks are; absent: it has none. */
  readonly map: Buffer | undefined;
  /** The block of its attributes; 0: it has none. */
  readonly xattrBlock: number;
}

export function encodeExtInode(source: TreeInode, facts: ExtInodeFacts): Buffer {
  const { node, links, path } = source;
  const { uid, gid } = facts.owners === "root" ? { uid: 0, gid: 0 } : node;
  if (![uid, gid].every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 32)) {
    throw new FormatError(readableName(path), `has an owner that ${facts.form} cannot hold`);
  }
  if (links > (facts.form === "ext2" ? 32_000 : 65_000)) {
    throw new FormatError(readableName(path), `has more links than ${facts.form} can hold`);
  }
  const bytes = Buffer.alloc(facts.inodeBytes);
  bytes.writeUInt16LE(modeOf(node), 0);
  bytes.writeUInt16LE(uid & 0xffff, 2);
  bytes.writeUInt32LE(facts.sizeBytes % 2 ** 32, 4);
  for (const at of [8, 12, 16]) bytes.writeUInt32LE(facts.mtime, at);
  bytes.writeUInt16LE(gid & 0xffff, 24);
  bytes.writeUInt16LE(links, 26);
  const sectors = facts.usedBlocks * (blockBytes / 512);
  if (sectors >= 2 ** 32) {
    throw new FormatError(readableName(path), `is too large for ${facts.form}`);
  }
  bytes.writeUInt32LE(sectors, 28);
  if (facts.map !== undefined) {
    if (facts.form === "ext4") bytes.writeUInt32LE(usesExtents, 32);
    bytes.set(facts.map, 40);
  } else if (node.kind === "symlink") bytes.set(node.target, 40);
  else if (node.kind === "device") {
    // Small numbers have a place of their own, for who knows no others.
    const isSmall = node.major < 256 && node.minor < 256;
    const number = encodedDevice(node.major, node.minor);
    bytes.writeUInt32LE(number, isSmall ? 40 : 44);
  }
  bytes.writeUInt32LE(facts.xattrBlock, 104);
  bytes.writeUInt32LE(Math.floor(facts.sizeBytes / 2 ** 32), 108);
  bytes.writeUInt16LE(uid >>> 16, 120);
  bytes.writeUInt16LE(gid >>> 16, 122);
  if (facts.inodeBytes > 128) {
    bytes.writeUInt16LE(32, 128); // How much of the rest is of use.
    bytes.writeUInt32LE(facts.mtime, 144);
  }
  return bytes;
}

const usesExtents = 0x80000;

/** Targets shorter than this stand in the inode itself. */
export const shortTargetBytes = 60;

/** The blocks of `directory`, where `numberOf` gives the number of an inode. */
export function extDirectoryBlocks(
  directory: TreeInode,
  numberOf: (inode: TreeInode) => number,
): Buffer[] {
  const blocks = blocksOf(directory);
  return blocks.map((entries) => {
    const block = Buffer.alloc(blockBytes);
    let at = 0;
    for (const [i, { name, inode }] of entries.entries()) {
      // The last goes up to the end of the block.
      const length = i === entries.length - 1 ? blockBytes - at : entryBytesOf(name);
      block.writeUInt32LE(numberOf(inode), at);
      block.writeUInt16LE(length, at + 4);
      block.writeUInt8(name.length, at + 6);
      block.writeUInt8(directoryTypeOf(inode.node), at + 7);
      block.set(name, at + 8);
      at += length;
    }
    return block;
  });
}

/** How many blocks the entries of `directory` take. */
export function extDirectoryBlockCount(directory: TreeInode): number {
  return blocksOf(directory).length;
}

function blocksOf(directory: TreeInode): InodeEntry[][] {
  const all: InodeEntry[] = [
    { name: Buffer.from("."), inode: directory },
    { name: Buffer.from(".."), inode: directory.parent ?? directory },
    ...directory.entries,
  ];
  return splitEntries(all, blockBytes, entryBytesOf);
}

function entryBytesOf(name: Buffer): number {
  return 8 + Math.ceil(name.length / 4) * 4;
}

/** The block with the attributes of `source`; undefined when it has none. */
export function extXattrBlock(source: TreeInode, form: ExtForm): Buffer | undefined {
  const xattrs = xattrsOf(source);
  if (xattrs.length === 0) return undefined;
  const block = Buffer.alloc(blockBytes);
  let at = 32;
  let valueAt = blockBytes;
  let blockHash = 0;
  for (const { prefix, name, value } of xattrs) {
    const entryBytes = 16 + Math.ceil(name.length / 4) * 4;
    valueAt -= Math.ceil(value.byteLength / 4) * 4;
    // Four zeros end the entries.
    if (at + entryBytes + 4 > valueAt) {
      const reason = `has more extended attributes than ${form} can hold`;
      throw new FormatError(readableName(source.path), reason);
    }
    block.set(value, valueAt);
    const padded = block.subarray(valueAt, valueAt + Math.ceil(value.byteLength / 4) * 4);
    const hash = entryHashOf(name, padded);
    block.writeUInt8(name.length, at);
    block.writeUInt8(prefix, at + 1);
    block.writeUInt16LE(value.byteLength === 0 ? 0 : valueAt, at + 2);
    block.writeUInt32LE(value.byteLength, at + 8);
    block.writeUInt32LE(hash, at + 12);
    block.set(name, at + 16);
    blockHash = (rotated(blockHash, 16) ^ hash) >>> 0;
    at += entryBytes;
  }
  block.writeUInt32LE(0xea020000, 0);
  block.writeUInt32LE(1, 4);
  block.writeUInt32LE(1, 8);
  block.writeUInt32LE(blockHash, 12);
  return block;
}

function entryHashOf(name: Buffer, paddedValue: Buffer): number {
  let hash = 0;
  for (const byte of name) hash = (rotated(hash, 5) ^ byte) >>> 0;
  for (let at = 0; at < paddedValue.length; at += 4) {
    hash = (rotated(hash, 16) ^ paddedValue.readUInt32LE(at)) >>> 0;
  }
  return hash;
}

function rotated(value: number, bits: number): number {
  return ((value << bits) | (value >>> (32 - bits))) >>> 0;
}
