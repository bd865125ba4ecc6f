// The directories in a stored Tree, checked against each other. Knows no disk.

import { type Directory, decodeTree, encodeDirectory } from "../action/reapi-directory.ts";
import type { TreeNode } from "../action/result.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { Cas } from "./cas.ts";

/**
 * Every directory of `node` by its digest, with `node.root` among them; undefined when the Tree
 * is missing or is not one of that root, with each directory below it and only sound names. It
 * may come from a remote: a name such as `../x` would lead out of where it is laid down.
 */
export function directoriesOf(
  node: TreeNode,
  cas: Pick<Cas, "read">,
): ReadonlyMap<Digest, Directory> | undefined {
  const bytes = cas.read(node.tree);
  if (bytes === undefined) return undefined;
  const tree = decodeTree(bytes);
  if (tree === undefined) return undefined;
  const all = [tree.root, ...tree.children];
  const directories = new Map(all.map((one) => [digestOf(encodeDirectory(one)), one] as const));
  const referred = [
    node.root,
    ...all.flatMap((one) => one.directories.map(({ digest }) => digest)),
  ];
  const whole = referred.every((digest) => directories.has(digest)) && all.every(hasSoundNames);
  return whole ? directories : undefined;
}

/** Whether each name is one step down the tree, and none is there twice. */
function hasSoundNames({ files, directories, symlinks }: Directory): boolean {
  const names = [...files, ...directories, ...symlinks].map(({ name }) => name);
  return (
    new Set(names).size === names.length &&
    names.every((name) => /^[^/\0]+$/.test(name) && name !== "." && name !== "..")
  );
}
