// Trees as entries of newc archives.

import { type FileTree, type TreeNode } from "./file-tree.ts";
import { assertNever } from "../base/brand.ts";
import type { NewcEntry } from "./newc.ts";

/** What of the owners of files to keep: `root` makes them all root's. */
export type Owners = "root" | "kept";

/**
 * `tree` as entries, in the order that archives need. Of a file with several names each is a whole
 * file. Devices, fifos and sockets, which Unikraft passes over, are left out, and told to `onSkipped`.
 */
export function* newcEntriesOfTree(
  tree: FileTree,
  owners: Owners,
  onSkipped: (path: Uint8Array) => void,
): Generator<NewcEntry> {
  for (const { path, node } of tree.walk()) {
    const entry = entryOf(path, node);
    if (entry === undefined) onSkipped(path);
    else if (owners === "root") yield entry;
    else yield { ...entry, owner: { uid: node.uid, gid: node.gid } };
  }
}

function entryOf(path: Buffer, node: TreeNode): NewcEntry | undefined {
  const { kind, mode } = node;
  switch (kind) {
    case "directory":
      return { kind, path, mode };
    case "file":
      return { kind, path, mode, sizeBytes: node.content.sizeBytes, content: node.content.read };
    case "symlink":
      return { kind, path, mode: 0o777, target: node.target };
    case "device":
    case "fifo":
    case "socket":
      return undefined;
    default:
      return assertNever(kind);
  }
}
