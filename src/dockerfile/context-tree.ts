// The part of a build context that an instruction reads, as a tree.

import { lstatSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";

import { treeOfDirectory } from "../format/directory-tree.ts";
import { fileContent } from "../format/file-content.ts";
import { FileTree, type TreeNode } from "../format/file-tree.ts";
import type { ProgramContext } from "../rule/program.ts";
import { hiddenNames, originOf } from "../format/staged-directory.ts";
import { contextInput } from "./context-input.ts";
import { ignorePatterns, readIgnoreFile } from "./ignore-patterns.ts";
import { isOnTheWay, parentsInput, parentsSource } from "./parents.ts";
import type { CopySource } from "./request.ts";

/** What `source` may be found in: files of the context belong to root, and have the time `mtime`. */
export function contextTree(
  source: CopySource & { readonly kind: "context" },
  { resolve }: Pick<ProgramContext, "resolve">,
  mtime: number,
): FileTree {
  const { context, ignoreFile, keepsParents } = source;
  const ignored =
    ignoreFile === undefined ? [] : readIgnoreFile(readFileSync(resolve(ignoreFile), "utf8"));
  const patterns = ignorePatterns(ignored);
  const parents = keepsParents ? [parentsSource(source.path)] : [];
  const isWanted = keepsParents ? isOnTheWay(parents) : () => true;
  const { path } = keepsParents
    ? parentsInput(parents, context, [])
    : contextInput(source.path, context, []);
  const below = path === context ? "" : posix.relative(context, path);
  const tree = new FileTree();
  const file = resolve(path);
  if (statSync(file).isDirectory()) {
    const directory = originOf(file) ?? file;
    const prefix = below === "" ? "" : `${below}/`;
    const read = treeOfDirectory(directory, {
      hidden: hiddenNames,
      isLeftOut: (inner) =>
        patterns.matches(textOf(`${prefix}${inner}`)) || !isWanted(textOf(inner)),
      isClosed: (inner) => !patterns.hasExceptions || !isWanted(textOf(inner)),
    });
    const isHidden = below !== "" && patterns.matches(below);
    if (!isHidden || read.root.children.size > 0) put(tree, below, plain(read.root, mtime));
  } else if (!patterns.matches(below)) {
    tree.set(Buffer.from(below), fileNode(file, mtime));
  }
  return tree;
}

/** Names of trees have a character for each byte. */
function textOf(path: string): string {
  return Buffer.from(path, "latin1").toString();
}

/** `read`, as what belongs to root and has the time `mtime`. */
export function rootOwned(read: FileTree, mtime: number): FileTree {
  const tree = new FileTree();
  put(tree, "", plain(read.root, mtime));
  return tree;
}

function put(tree: FileTree, path: string, node: TreeNode): void {
  tree.set(Buffer.from(path), node);
  // The root of a tree keeps what is in it.
  if (path !== "" || node.kind !== "directory") return;
  for (const [name, child] of node.children) tree.set(Buffer.from(name, "latin1"), child);
}

function fileNode(file: string, mtime: number): TreeNode {
  // Inputs may be links of the sandbox; what they lead to is the user's.
  const { mode, size } = lstatSync(file).isSymbolicLink() ? statSync(file) : lstatSync(file);
  const content = { sizeBytes: size, read: () => fileContent(file, size) };
  return { kind: "file", mode: mode & 0o7777, uid: 0, gid: 0, mtime, content };
}

/** The same for every user and checkout. */
function plain<N extends TreeNode>(
  node: N,
  mtime: number,
  seen = new Map<TreeNode, TreeNode>(),
): N {
  const known = seen.get(node);
  if (known !== undefined) return known as N;
  const facts = { uid: 0, gid: 0, mtime };
  if (node.kind !== "directory") {
    const changed = { ...node, ...facts };
    seen.set(node, changed);
    return changed;
  }
  const children = new Map<string, TreeNode>();
  for (const [name, child] of node.children) children.set(name, plain(child, mtime, seen));
  return { ...node, ...facts, children };
}
