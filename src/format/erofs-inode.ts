// Inodes of EROFS: where they stand, and their bytes.
// Source: Linux, fs/erofs/erofs_fs.h, "struct erofs_inode_compact", "struct erofs_inode_extended",
// "struct erofs_xattr_entry".

import { directoryBytesOf } from "./erofs-directory.ts";
import { FormatError, readableName } from "./format-error.ts";
import type { TreeOptions } from "./tar-writer.ts";
import { type TreeInode, encodedDevice, modeOf, xattrsOf } from "./tree-inodes.ts";

/** Inodes stand at multiples of this, and are numbered by it. */
export const slotBytes = 32;
export const blockBytes = 4096;

/** An inode, and where it and its content stand. */
export interface ErofsInode {
  readonly source: TreeInode;
  /** From the beginning of the image. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** Of two forms the larger, for what does not fit into the other. */
  readonly form: "compact" | "extended";
  readonly xattrs: Buffer;
  readonly data:
    | { readonly kind: "none" }
    /** Directly behind the inode, in the same block. */
    | { readonly kind: "beside" }
    | { readonly kind: "blocks"; readonly address: number };
}

/** Content up to this stands beside the inode: twice as much would often begin a new block. */
const besideLimit = 2048;

/** Places for `inodes`, the first at `start`; and how many blocks there are in all. */
export function placedInodes(
  inodes: readonly TreeInode[],
  { start, owners }: TreeOptions & { readonly start: number },
): { readonly inodes: ErofsInode[]; readonly blockCount: number } {
  let at = start;
  const placed = inodes.map((source): ErofsInode => {
    const sizeBytes = sizeOf(source);
    const form = isCompact(source, { sizeBytes, owners }) ? "compact" : "extended";
    const xattrs = encodeXattrs(source);
    const ownBytes = inodeBytes[form] + xattrs.length;
    const isBeside =
      sizeBytes > 0 && sizeBytes <= besideLimit && ownBytes + sizeBytes <= blockBytes;
    const allBytes = ownBytes + (isBeside ? sizeBytes : 0);
    at = Math.ceil(at / slotBytes) * slotBytes;
    const left = blockBytes - (at % blockBytes);
    const offset = allBytes > left ? at + left : at;
    at = offset + allBytes;
    const kind = sizeBytes === 0 ? "none" : isBeside ? "beside" : "blocks";
    const data: ErofsInode["data"] = kind === "blocks" ? { kind, address: 0 } : { kind };
    return { source, offset, sizeBytes, form, xattrs, data };
  });
  let address = Math.ceil(at / blockBytes);
  const withAddresses = placed.map((inode): ErofsInode => {
    if (inode.data.kind !== "blocks") return inode;
    const data = { kind: "blocks", address } as const;
    address += Math.ceil(inode.sizeBytes / blockBytes);
    return { ...inode, data };
  });
  if (address >= 2 ** 32 - 1) throw new FormatError("the image", "is too large for EROFS");
  return { inodes: withAddresses, blockCount: address };
}

const inodeBytes = { compact: 32, extended: 64 } as const;

function sizeOf(source: TreeInode): number {
  const { node } = source;
  if (node.kind === "directory") return directoryBytesOf(source);
  if (node.kind === "symlink") return node.target.byteLength;
  return node.kind === "file" ? node.content.sizeBytes : 0;
}

function isCompact(
  { node, links }: TreeInode,
  { sizeBytes, owners }: { readonly sizeBytes: number; readonly owners: TreeOptions["owners"] },
): boolean {
  const isSmall = owners === "root" || (node.uid < 2 ** 16 && node.gid < 2 ** 16);
  return isSmall && links < 2 ** 16 && sizeBytes < 2 ** 32;
}

/** The inode itself and its attributes, without what stands beside it. */
export function encodeInode(inode: ErofsInode, { owners, mtime }: TreeOptions): Buffer {
  const { source, form, sizeBytes, xattrs, data } = inode;
  const { node, links, index, path } = source;
  const { uid, gid } = owners === "root" ? { uid: 0, gid: 0 } : node;
  if (![uid, gid].every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 32)) {
    throw new FormatError(readableName(path), "has an owner that EROFS cannot hold");
  }
  const bytes = Buffer.alloc(inodeBytes[form]);
  const layout = data.kind === "beside" ? 2 : 0;
  bytes.writeUInt16LE((layout << 1) | (form === "extended" ? 1 : 0), 0);
  bytes.writeUInt16LE(xattrs.length === 0 ? 0 : (xattrs.length - 12) / 4 + 1, 2);
  bytes.writeUInt16LE(modeOf(node), 4);
  const place = placeOf(inode);
  if (form === "compact") {
    bytes.writeUInt16LE(links, 6);
    bytes.writeUInt32LE(sizeBytes, 8);
    bytes.writeUInt32LE(place, 16);
    bytes.writeUInt32LE(index + 1, 20);
    bytes.writeUInt16LE(uid, 24);
    bytes.writeUInt16LE(gid, 26);
  } else {
    bytes.writeBigUInt64LE(BigInt(sizeBytes), 8);
    bytes.writeUInt32LE(place, 16);
    bytes.writeUInt32LE(index + 1, 20);
    bytes.writeUInt32LE(uid, 24);
    bytes.writeUInt32LE(gid, 28);
    bytes.writeBigUInt64LE(BigInt(mtime), 32);
    bytes.writeUInt32LE(links, 44);
  }
  return Buffer.concat([bytes, xattrs]);
}

/** A device's number, or the block at which content begins; where there is none, no block at all. */
function placeOf({ source: { node }, data }: ErofsInode): number {
  if (node.kind === "device") return encodedDevice(node.major, node.minor);
  return data.kind === "blocks" ? data.address : 0xffffffff;
}

/** A header and all entries; empty when there are none. */
function encodeXattrs(source: TreeInode): Buffer {
  const entries = xattrsOf(source).map(({ prefix, name, value }) => {
    const length = 4 + name.length + value.byteLength;
    const entry = Buffer.alloc(Math.ceil(length / 4) * 4);
    entry.writeUInt8(name.length, 0);
    entry.writeUInt8(prefix, 1);
    entry.writeUInt16LE(value.byteLength, 2);
    entry.set(name, 4);
    entry.set(value, 4 + name.length);
    return entry;
  });
  return entries.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.alloc(12), ...entries]);
}
