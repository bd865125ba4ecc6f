// A tree of files with all that archives and file systems say of them, whatever it was read from.
// Knows no format and no disk.

import { FormatError, readableName } from "./format-error.ts";
import { type ResolvedPlace, namesOfPath, placeOf } from "./tree-path.ts";

/** What stands at a path. Two paths with the same file, by identity, are hard links of it. */
export type TreeNode = DirectoryNode | FileNode | SymlinkNode | DeviceNode | FifoNode | SocketNode;

/** What all nodes have. */
export interface NodeFacts {
  /** Permission bits, with those of setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** By full name, as in `security.capability`; absent: it has none. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

export interface DirectoryNode extends NodeFacts {
  readonly kind: "directory";
  /** By name, whose bytes are the characters (latin1), so that names need be no text. */
  readonly children: Map<string, TreeNode>;
}

/** A regular file. */
export interface FileNode extends NodeFacts {
  readonly kind: "file";
  readonly content: FileBytes;
}

export interface SymlinkNode extends NodeFacts {
  readonly kind: "symlink";
  readonly target: Uint8Array;
}

export interface DeviceNode extends NodeFacts {
  readonly kind: "device";
  readonly type: "character" | "block";
  readonly major: number;
  readonly minor: number;
}

export interface FifoNode extends NodeFacts {
  readonly kind: "fifo";
}

export interface SocketNode extends NodeFacts {
  readonly kind: "socket";
}

/** What is in a file: not the bytes, but where to get them. */
export interface FileBytes {
  readonly sizeBytes: number;
  /** Gives exactly `sizeBytes`, in pieces that are not to be changed; may be asked more than once. */
  readonly read: () => Iterable<Uint8Array>;
}

/** A path of a tree, from its root without a leading slash, and what stands there. */
export interface TreeEntry {
  readonly path: Buffer;
  readonly node: TreeNode;
}

/** What a directory is like that nobody spoke of: what is in it says that it is there. */
export const plainDirectory: NodeFacts = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

/**
 * A tree that is put together as one is unpacked: later entries take the place of earlier ones,
 * and a path leads through symbolic links within the tree, never out of it.
 */
export class FileTree {
  #root: DirectoryNode = { kind: "directory", ...plainDirectory, children: new Map() };

  /** What stands for the tree itself. */
  get root(): DirectoryNode {
    return this.#root;
  }

  /**
   * Puts `node` at `path`. A directory where one stands keeps what is in it. Missing directories
   * above are made. Throws a FormatError for a path out of the tree, or through what is no directory.
   */
  set(path: Uint8Array, node: TreeNode): void {
    const names = namesOfPath(path);
    const name = names.at(-1);
    if (name === undefined) {
      if (node.kind !== "directory") throw new FormatError("the root", "is no directory");
      this.#root = { ...node, children: this.#root.children };
      return;
    }
    const parent = this.#directoryOf(names.slice(0, -1), path);
    const there = parent.children.get(name);
    const isMerged = there?.kind === "directory" && node.kind === "directory";
    parent.children.set(name, isMerged ? { ...node, children: there.children } : node);
  }

  /** What stands at `path`, itself if it is a symbolic link; undefined when nothing does. */
  get(path: Uint8Array): TreeNode | undefined {
    return this.#find(path, "last link itself");
  }

  /** What is at `path`, behind all symbolic links; undefined when nothing is. */
  follow(path: Uint8Array): TreeNode | undefined {
    return this.#find(path, "through last link");
  }

  /** Takes what stands at `path` away, with all below it; a path where nothing is, is none to do. */
  remove(path: Uint8Array): void {
    const names = namesOfPath(path);
    const name = names.at(-1);
    if (name === undefined) return this.#root.children.clear();
    const place = placeOf(this.#root, names.slice(0, -1));
    if (place.kind === "found" && place.node.kind === "directory") place.node.children.delete(name);
  }

  /** Takes all away that is in the directory at `path`, if there is one. */
  empty(path: Uint8Array): void {
    const node = this.follow(path);
    if (node?.kind === "directory") node.children.clear();
  }

  /** All but the root: by the bytes of names, a directory directly before what is in it. */
  walk(): Generator<TreeEntry> {
    return entriesBelow(this.#root, Buffer.alloc(0));
  }

  #find(path: Uint8Array, last: "through last link" | "last link itself"): TreeNode | undefined {
    const names = namesOfPath(path);
    const name = names.at(-1);
    if (name === undefined) return this.#root;
    if (last === "through last link") {
      const place = placeOf(this.#root, names);
      return place.kind === "found" ? place.node : undefined;
    }
    const parent = placeOf(this.#root, names.slice(0, -1));
    if (parent.kind !== "found" || parent.node.kind !== "directory") return undefined;
    return parent.node.children.get(name);
  }

  #directoryOf(names: readonly string[], path: Uint8Array): DirectoryNode {
    for (;;) {
      const place: ResolvedPlace = placeOf(this.#root, names);
      if (place.kind === "loop")
        throw new FormatError(readableName(path), "goes round in a circle");
      if (place.kind === "missing") {
        const made = { kind: "directory", ...plainDirectory, children: new Map() } as const;
        place.parent.children.set(place.name, made);
        continue;
      }
      if (place.kind === "found" && place.node.kind === "directory") return place.node;
      throw new FormatError(readableName(path), "is below what is no directory");
    }
  }
}

function* entriesBelow(directory: DirectoryNode, prefix: Buffer): Generator<TreeEntry> {
  // Characters of names are bytes, so this is the order of bytes.
  for (const name of [...directory.children.keys()].sort()) {
    const node = directory.children.get(name);
    if (node === undefined) continue;
    const path = Buffer.concat([prefix, Buffer.from(name, "latin1")]);
    yield { path, node };
    if (node.kind === "directory") yield* entriesBelow(node, Buffer.concat([path, slash]));
  }
}

const slash = Buffer.from("/");
