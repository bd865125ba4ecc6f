// Writes ext2 and ext4 images. Knows no tree's origin.
//
// Own code, as mke2fs takes owners only from files that root has given away, and lays directories
// out in the order of the disk (docs/design/0008).

import { closeSync, ftruncateSync, openSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import type { ImageOptions } from "./erofs-image.ts";
import { blockBytes, type ExtForm, extLayout } from "./ext-layout.ts";
import { numberLimit } from "./ext-map.ts";
import { blockCountOf, ExtWriter } from "./ext-writer.ts";
import type { FileTree } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import { inodesOf, type TreeInode } from "./tree-inodes.ts";

/**
 * Writes `tree` to the file `output` as an image: the same bytes for the same tree and options.
 * Its size follows from what is in it, with a tenth to spare; blocks of zeros are holes. Throws a
 * FormatError for what the format cannot hold.
 */
export async function writeExt(
  tree: FileTree,
  output: string,
  options: ImageOptions & { readonly form: ExtForm },
  signal: AbortSignal,
): Promise<void> {
  if (options.mtime < 0 || options.mtime >= 2 ** 31) {
    throw new FormatError("the image", `cannot hold the time ${options.mtime}`);
  }
  const inodes = inodesOf(tree);
  const dataBlocks = inodes.reduce((sum, inode) => sum + boundOf(inode, options.form), 0);
  const layout = extLayout(options.form, inodes.length, dataBlocks);
  const descriptor = openSync(output, "w", 0o644);
  try {
    ftruncateSync(descriptor, layout.blockCount * blockBytes);
    const writer = new ExtWriter(descriptor, layout, options);
    for (const inode of inodes) {
      await setImmediate(undefined, { signal });
      await writer.add(inode, signal);
    }
    writer.finish();
  } finally {
    closeSync(descriptor);
  }
}

/** No fewer blocks than `inode` can take, whatever its holes. */
function boundOf(inode: TreeInode, form: ExtForm): number {
  const { node, path } = inode;
  const blocks = blockCountOf(inode);
  if (form === "ext2" && blocks > numberLimit) {
    throw new FormatError(readableName(path), "is too large for ext2");
  }
  const perMap = form === "ext2" ? 1024 : 340;
  const maps = Math.ceil(blocks / perMap) + Math.ceil(blocks / perMap ** 2) + 2;
  return blocks + (blocks > 4 ? maps : 0) + ((node.xattrs?.size ?? 0) > 0 ? 1 : 0);
}
