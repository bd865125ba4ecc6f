import type { ExecPath } from "../action/action.ts";
import type { TreeNode } from "../action/result.ts";
import type { Cas } from "../store/cas.ts";
import { directoriesOf } from "../store/tree-message.ts";
import { textOf } from "./state-of.ts";

/**
 * What is in `tree`: files, links and directories without any, by path below it, as `textOf` has
 * them. Undefined when the tree is gone from the store, or holds more than anyone wants to compare.
 */
export function filesOfTree(
  tree: TreeNode,
  cas: Pick<Cas, "read">,
): ReadonlyMap<ExecPath, string> | undefined {
  const directories = directoriesOf(tree, cas);
  if (directories === undefined) return undefined;
  const found = new Map<ExecPath, string>();
  const pending = [{ prefix: "", digest: tree.root }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { prefix } = next;
    const {
      files = [],
      symlinks = [],
      directories: inner = [],
    } = directories.get(next.digest) ?? {};
    for (const { name, ...file } of files) {
      found.set(prefix + name, textOf({ kind: "file", ...file }));
    }
    for (const { name, target } of symlinks) {
      found.set(prefix + name, textOf({ kind: "symlink", target }));
    }
    for (const { name, digest } of inner) pending.push({ prefix: `${prefix}${name}/`, digest });
    if (files.length + symlinks.length + inner.length === 0) found.set(prefix, "empty directory");
    if (found.size > maxFiles) return undefined;
  }
  return found;
}

const maxFiles = 20_000;
