// The Merkle tree of what an action reads. Knows no disk and no store.

import { type Digest, digestOf } from "../digest/digest.ts";
import type { ExecPath } from "./action.ts";
import { isExecPath } from "./exec-path.ts";
import { type Directory, encodeDirectory } from "./reapi-directory.ts";
import type { FileNode, Node, TreeNode } from "./result.ts";

/** An input root, by its digest. Source: REAPI v2, `Action.input_root_digest`. */
export interface InputRoot {
  readonly root: Digest;
  /**
   * The encoded Directory of each digest that the root leads to, but for those in trees that were
   * given whole: these are in the trees.
   */
  readonly directories: ReadonlyMap<Digest, Uint8Array>;
}

/**
 * Every directory of a tree by its digest, that of the root among them. Undefined when missing; as
 * that is no bug when a store was damaged, it may throw an error of its own instead.
 */
export type OpenTree = (tree: TreeNode) => ReadonlyMap<Digest, Directory> | undefined;

/**
 * The input root of `nodes`. What is given below a tree takes the place of what the tree has there,
 * for which `openTree` is asked; the path `.` is the root itself. Throws, as it is a bug, for a path
 * below a file or a symbolic link, and for a tree that is to be opened and is missing.
 */
export function inputRootOf(
  nodes: ReadonlyMap<ExecPath, Node>,
  openTree: OpenTree = () => undefined,
): InputRoot {
  const top = new Folder();
  for (const [path, node] of nodes) {
    const isRoot = path === "." && node.kind === "tree";
    if (!isRoot && !isExecPath(path)) throw new Error(`bug: ${path} is no path in an input root`);
    top.place(path, node);
  }
  const directories = new Map<Digest, Uint8Array>();
  return { root: top.seal({ directories, openTree }), directories };
}

/** What a folder needs to become a digest. */
interface Sealing {
  readonly directories: Map<Digest, Uint8Array>;
  readonly openTree: OpenTree;
}

/** A directory of a tree, below which something else was given, and all others of the tree. */
interface Opened {
  readonly directory: Directory;
  readonly all: ReadonlyMap<Digest, Directory>;
}

/** A directory of the input root while it is filled. */
class Folder {
  readonly #entries = new Map<string, Folder | Exclude<Node, TreeNode>>();
  /** What was given for the folder as a whole; its entries go on top. */
  #tree: TreeNode | undefined;

  /** Puts `node` at what is left of `path` from `start` on, relative to this folder. */
  place(path: ExecPath, node: Node, start = 0): void {
    const end = path.indexOf("/", start);
    const name = path.slice(start, end === -1 ? path.length : end);
    if (end !== -1) this.#folder(name, path).place(path, node, end + 1);
    else if (node.kind === "tree")
      (path === "." ? this : this.#folder(name, path)).#fill(node, path);
    else if (this.#entries.has(name)) throw conflict(path);
    else this.#entries.set(name, node);
  }

  /** Writes the folder, and those in it first, on top of `base`; gives its digest. */
  seal(sealing: Sealing, base?: Opened): Digest {
    if (this.#tree !== undefined && this.#entries.size === 0) return this.#tree.root;
    const below = this.#tree === undefined ? base : opened(this.#tree, sealing.openTree);
    const files: Directory["files"][number][] = [];
    const directories: Directory["directories"][number][] = [];
    const symlinks: Directory["symlinks"][number][] = [];
    for (const [name, entry] of this.#entries) {
      if (entry instanceof Folder) {
        directories.push({ name, digest: entry.seal(sealing, subdirectory(below, name)) });
      } else if (entry.kind === "file") files.push(named(name, entry));
      else symlinks.push({ name, target: entry.target });
    }
    const own = { files, directories, symlinks };
    const bytes = encodeDirectory(below === undefined ? own : this.#over(below.directory, own));
    const digest = digestOf(bytes);
    sealing.directories.set(digest, bytes);
    return digest;
  }

  #folder(name: string, path: ExecPath): Folder {
    const known = this.#entries.get(name);
    if (known instanceof Folder) return known;
    if (known !== undefined) throw conflict(path);
    const folder = new Folder();
    this.#entries.set(name, folder);
    return folder;
  }

  #fill(tree: TreeNode, path: ExecPath): void {
    if (this.#tree !== undefined) throw conflict(path);
    this.#tree = tree;
  }

  /** The entries `own`, and those of `base` whose names are not among them. */
  #over(base: Directory, own: Directory): Directory {
    const isLeft = ({ name }: { readonly name: string }) => !this.#entries.has(name);
    return {
      ...base,
      files: [...own.files, ...base.files.filter(isLeft)],
      directories: [...own.directories, ...base.directories.filter(isLeft)],
      symlinks: [...own.symlinks, ...base.symlinks.filter(isLeft)],
    };
  }
}

/** Without its kind, which a Directory tells by the list it is in. */
function named(name: string, { digest, executable, mode }: FileNode): Directory["files"][number] {
  return mode === undefined ? { name, digest, executable } : { name, digest, executable, mode };
}

function opened(tree: TreeNode, openTree: OpenTree): Opened {
  const all = openTree(tree);
  const directory = all?.get(tree.root);
  if (all === undefined || directory === undefined) throw new Error(`bug: no tree ${tree.tree}`);
  return { directory, all };
}

/** The directory `name` of `base`; undefined when it has none. */
function subdirectory(base: Opened | undefined, name: string): Opened | undefined {
  const entry = base?.directory.directories.find((one) => one.name === name);
  const directory = entry === undefined ? undefined : base?.all.get(entry.digest);
  return base === undefined || directory === undefined ? undefined : { ...base, directory };
}

function conflict(path: ExecPath): Error {
  return new Error(`bug: ${path} is in the way of another input`);
}
