// Root file systems that are made of files: an archive, or a tar of what stays in the image.

import {
  FileTree,
  FormatError,
  type NewcEntry,
  type Program,
  ProgramError,
  packEntries,
  packNewc,
  writePieces,
} from "../../../src/index.ts";
import { type Copy, copyInto } from "./copy.ts";
import { OpenImages } from "./image-files.ts";

/** What to put into a root file system, as the rule writes it. */
export interface RootfsRequest {
  readonly type: "initrd" | "raw";
  /** Of all entries, in seconds since 1970. */
  readonly mtime: number;
  readonly copies: readonly Copy[];
}

/** Packs files. Arguments: the archive, and a {@link RootfsRequest} as JSON. */
export const rootfsProgram: Program = {
  name: "rootfs",
  version: 1,
  run: async ([output, json], context) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const { type, mtime, copies } = JSON.parse(json) as RootfsRequest;
    const { resolve, signal } = context;
    const tree = new FileTree();
    const images = new OpenImages(context);
    try {
      for (const copy of copies) await copyInto(tree, copy, { resolve, images, mtime });
      const pieces =
        type === "raw" ? packEntries(tree.walk()) : packNewc(newcEntriesOf(tree), { mtime });
      await writePieces(resolve(output), pieces, signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the root file system cannot be packed: ${error.message}`);
    } finally {
      images.close();
    }
  },
};

/** The tree has its entries in the order that archives want. */
function* newcEntriesOf(tree: FileTree): Generator<NewcEntry> {
  for (const { path, node } of tree.walk()) {
    const { mode } = node;
    if (node.kind === "directory") yield { kind: "directory", path, mode };
    else if (node.kind === "symlink") yield { kind: "symlink", path, mode, target: node.target };
    else if (node.kind === "file") {
      const { sizeBytes, read } = node.content;
      yield { kind: "file", path, mode, sizeBytes, content: read };
    }
  }
}
