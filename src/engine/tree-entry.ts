// What stands at a path in a directory that an action made. Knows no store.

import type { Directory } from "../action/reapi-directory.ts";
import type { Node, TreeNode } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";

/** The entry of `tree` at a path below it, given by its names; undefined when there is none. */
export function entryIn(
  tree: TreeNode,
  [name, ...rest]: readonly string[],
  directories: ReadonlyMap<Digest, Directory>,
): Node | undefined {
  let directory = directories.get(tree.root);
  let next = name;
  for (const following of rest) {
    const inner = directory?.directories.find((one) => one.name === next);
    directory = inner === undefined ? undefined : directories.get(inner.digest);
    next = following;
  }
  const file = directory?.files.find((one) => one.name === next);
  if (file !== undefined) {
    return { kind: "file", digest: file.digest, executable: file.executable };
  }
  const link = directory?.symlinks.find((one) => one.name === next);
  if (link !== undefined) return { kind: "symlink", target: link.target };
  const inner = directory?.directories.find((one) => one.name === next);
  return inner === undefined ? undefined : { kind: "tree", root: inner.digest, tree: tree.tree };
}
