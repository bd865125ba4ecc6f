// Paths within a tree of files, through its symbolic links. Knows no disk.

import type { DirectoryNode, TreeNode } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";

/** Where a path leads. */
export type ResolvedPlace =
  | { readonly kind: "found"; readonly node: TreeNode }
  /** `parent` has no `name`, which may not be the path's last. */
  | { readonly kind: "missing"; readonly parent: DirectoryNode; readonly name: string }
  /** It goes on below what is no directory. */
  | { readonly kind: "blocked" }
  | { readonly kind: "loop" };

/**
 * The names in `path`, each byte a character; none for the root. Throws a FormatError for a path
 * that would leave the tree.
 */
export function namesOfPath(path: Uint8Array): string[] {
  const text = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString("latin1");
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new FormatError(readableName(path), "leads out of the tree");
  if (text.includes("\0")) throw new FormatError(readableName(path), "has a NUL in its path");
  return names;
}

/** As many links as Linux follows in one path. */
const linkLimit = 40;

/**
 * Where `names` lead from `root`, through symbolic links as if `root` were that of a machine:
 * absolute targets begin there, and `..` stops there.
 */
export function placeOf(root: DirectoryNode, names: readonly string[]): ResolvedPlace {
  const left = names.toReversed();
  const above: DirectoryNode[] = [];
  let node: TreeNode = root;
  let links = 0;
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (node.kind !== "directory") return { kind: "blocked" };
    if (name === "..") {
      node = above.pop() ?? root;
      continue;
    }
    const next: TreeNode | undefined = node.children.get(name);
    if (next === undefined) return { kind: "missing", parent: node, name };
    if (next.kind === "symlink") {
      if (++links > linkLimit) return { kind: "loop" };
      const target = Buffer.from(next.target).toString("latin1");
      if (target.startsWith("/")) {
        above.length = 0;
        node = root;
      }
      left.push(
        ...target
          .split("/")
          .filter((one) => one !== "" && one !== ".")
          .reverse(),
      );
      continue;
    }
    above.push(node);
    node = next;
  }
  return { kind: "found", node };
}
