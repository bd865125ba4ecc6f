// Writes EROFS images, uncompressed. Knows no disk.
//
// Own code, as mkfs.erofs takes owners only from files that root has given away, and as its images
// differ from version to version (docs/design/0008).
// Source: Linux, fs/erofs/erofs_fs.h; Documentation/filesystems/erofs.rst.

import { directoryBlocksOf } from "./erofs-directory.ts";
import {
  blockBytes,
  encodeInode,
  type ErofsInode,
  placedInodes,
  slotBytes,
} from "./erofs-inode.ts";
import type { FileTree } from "./file-tree.ts";
import type { TreeOptions } from "./tar-writer.ts";
import { blocksOf, checkedPieces } from "./tree-content.ts";
import { inodesOf } from "./tree-inodes.ts";

/** What all images share. */
export interface ImageOptions extends TreeOptions {
  /** 16 bytes. */
  readonly uuid: Uint8Array;
}

/**
 * The image of `tree`, in pieces: the same bytes for the same tree and options. First come all
 * inodes, with what is short enough to stand beside them; then the content of files in blocks.
 * Throws a FormatError for what EROFS cannot hold.
 */
export function* packErofs(tree: FileTree, options: ImageOptions): Generator<Uint8Array> {
  const start = superblockStart + superblockBytes;
  const { inodes, blockCount } = placedInodes(inodesOf(tree), { ...options, start });
  yield superblockOf(inodes, blockCount, options);
  let at = start;
  for (const inode of inodes) {
    const bytes = encodeInode(inode, options);
    yield Buffer.alloc(inode.offset - at);
    yield bytes;
    at = inode.offset + bytes.length;
    if (inode.data.kind !== "beside") continue;
    for (const piece of contentOf(inode, inodes)) {
      yield Buffer.from(piece);
      at += piece.byteLength;
    }
  }
  yield Buffer.alloc(Math.ceil(at / blockBytes) * blockBytes - at);
  for (const inode of inodes) {
    if (inode.data.kind !== "blocks") continue;
    const { path } = inode.source;
    const content = { sizeBytes: inode.sizeBytes, read: () => contentOf(inode, inodes) };
    yield* blocksOf(path, content, blockBytes);
  }
}

const superblockStart = 1024;
const superblockBytes = 128;

/** What is in `source`: bytes of a file, a target, or the entries of a directory. */
function* contentOf({ source }: ErofsInode, inodes: readonly ErofsInode[]): Generator<Uint8Array> {
  const { node, path } = source;
  if (node.kind === "file") yield* checkedPieces(path, node.content);
  else if (node.kind === "symlink") yield node.target;
  else if (node.kind === "directory") {
    const numberOf = (index: number): number => (inodes[index]?.offset ?? 0) / slotBytes;
    yield* directoryBlocksOf(source, numberOf);
  }
}

function superblockOf(
  inodes: readonly ErofsInode[],
  blockCount: number,
  { mtime, uuid }: ImageOptions,
): Buffer {
  const block = Buffer.alloc(superblockStart + superblockBytes);
  const at = superblockStart;
  block.writeUInt32LE(0xe0f5e1e2, at);
  block.writeUInt8(Math.log2(blockBytes), at + 12);
  block.writeUInt16LE((inodes[0]?.offset ?? 0) / slotBytes, at + 14);
  block.writeBigUInt64LE(BigInt(inodes.length), at + 16);
  block.writeBigUInt64LE(BigInt(mtime), at + 24);
  block.writeUInt32LE(blockCount, at + 36);
  block.set(uuid, at + 48);
  return block;
}
