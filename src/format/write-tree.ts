// Trees as files of any format. Knows no tree's origin.

import { assertNever } from "../base/brand.ts";
import { packErofs } from "./erofs-image.ts";
import { writeExt } from "./ext-image.ts";
import { writePieces } from "./file-content.ts";
import type { FileTree } from "./file-tree.ts";
import { packNewc } from "./newc.ts";
import { newcEntriesOfTree } from "./newc-tree.ts";
import { packTar, type TarOptions } from "./tar-writer.ts";

/** What we write without the help of others. */
export type TreeFormat = "cpio" | "tar" | "erofs" | "ext2" | "ext4";

/** How to write a tree. */
export interface WriteOptions extends TarOptions {
  readonly format: TreeFormat;
  /** Told of what the format has no place for by its nature, as devices in CPIO for Unikraft. */
  readonly onSkipped: (path: Uint8Array) => void;
}

/** That of all images, as the same tree is to be the same image. */
const uuid = Buffer.from("6b7261667467726170684653feedf00d", "hex");

/**
 * Writes `tree` to the file `output`: the same bytes for the same tree and options. Throws a
 * FormatError for what the format cannot hold.
 */
export async function writeTree(
  tree: FileTree,
  output: string,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<void> {
  const { format, mtime, owners, onSkipped } = options;
  const shared = { mtime, owners, uuid };
  switch (format) {
    case "cpio": {
      const entries = newcEntriesOfTree(tree, owners, onSkipped);
      return writePieces(output, packNewc(entries, { mtime }), signal);
    }
    case "tar":
      return writePieces(output, packTar(tree, options), signal);
    case "erofs":
      return writePieces(output, packErofs(tree, shared), signal);
    case "ext2":
    case "ext4":
      return writeExt(tree, output, { ...shared, form: format }, signal);
    default:
      return assertNever(format);
  }
}
