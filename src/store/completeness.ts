// Which blobs a result stands for, and whether all are there. Knows no disk.

import type { ActionResult, Node, TreeNode } from "../action/result.ts";
import { assertNever } from "../base/brand.ts";
import type { Cas } from "./cas.ts";
import { directoriesOf } from "./tree-message.ts";

/** Where blobs are looked for. */
export interface Blobs extends Pick<Cas, "has" | "read"> {
  /** Whether all blobs of the tree are there; absent: each has to be looked for. */
  readonly hasTree?: (tree: TreeNode) => boolean;
}

/** Whether `blobs` has all that `result` needs: streams, files, and whatever is in its trees. */
export function isComplete(result: ActionResult, blobs: Blobs): boolean {
  return (
    blobs.has(result.stdout) &&
    blobs.has(result.stderr) &&
    [...result.outputs.values()].every((node) => isNodeComplete(node, blobs))
  );
}

/** Whether `blobs` has all that `node` needs. */
export function isNodeComplete(node: Node, blobs: Blobs): boolean {
  switch (node.kind) {
    case "file":
      return blobs.has(node.digest);
    case "symlink":
      return true;
    case "tree":
      return blobs.hasTree?.(node) ?? isTreeComplete(node, blobs);
    default:
      return assertNever(node);
  }
}

/** Whether `blobs` has all that `node` needs, each looked for. */
export function isTreeComplete(node: TreeNode, blobs: Pick<Cas, "has" | "read">): boolean {
  const directories = directoriesOf(node, blobs);
  if (directories === undefined) return false;
  return [...directories.values()].every(({ files }) =>
    files.every(({ digest }) => blobs.has(digest)),
  );
}
