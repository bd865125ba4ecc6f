// Directories as REAPI trees. Knows not what they are for.

import { statSync } from "node:fs";
import { normalize } from "node:path";

import { type Directory, encodeDirectory, encodeTree } from "../action/reapi-directory.ts";
import type { FileNode, SymlinkNode, TreeNode } from "../action/result.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { FileState } from "./stat-cache.ts";
import { readError } from "./store-error.ts";
import { type DirectoryEntry, entriesOf, targetOf } from "./tree-walk.ts";

/** How to read a directory. */
export interface TreeOptions {
  /** Whether to leave out what is at `path`, relative and "/" separated; absent: all is kept. */
  readonly ignore?: (path: string, isDirectory: boolean) => boolean;
  /** Whether an absolute symbolic link stands for what it leads to; absent: none does. */
  readonly followsAbsolute?: boolean;
  /** Whether permission bits matter, and not just which files are executable. */
  readonly modes: boolean;
  /** The regular file at an absolute path, as the stat cache has it. */
  readonly fileAt: (path: string) => FileState | undefined;
}

/** A directory, and what was met on the way. */
export interface TreeListing {
  readonly node: TreeNode;
  /** The encoded Tree of digest `node.tree`; not in the CAS until someone puts it there. */
  readonly bytes: Uint8Array;
  /** Files and symbolic links, by their path below the directory, "/" separated. */
  readonly files: ReadonlyMap<string, FileNode | SymlinkNode>;
  /** Paths of the directories that were read, relative; the top is the empty one. */
  readonly directories: readonly string[];
  /** Paths of sockets, fifos and devices, which no tree can hold. */
  readonly skipped: readonly string[];
  /** Paths of files that were written or removed meanwhile: nothing of the tree may be stored. */
  readonly changing: readonly string[];
}

/**
 * The tree of the absolute path `directory`, which may itself be a symbolic link; those below it
 * are not followed unless asked for. Throws a StoreError for what cannot be read, or has a name that is not UTF-8.
 */
export function readTree(directory: string, options: TreeOptions): TreeListing {
  const walk = new Walk(directory, options);
  const root = walk.read("");
  const bytes = encodeTree(root.bytes, walk.childrenOf(root.digest));
  const { files, directories, skipped, changing } = walk;
  const node = { kind: "tree", root: root.digest, tree: digestOf(bytes) } as const;
  const { mode } = root;
  const whole = mode === undefined ? node : { ...node, mode };
  return { node: whole, bytes, files, directories, skipped, changing };
}

/** One walk over a directory, and what it gathers. */
class Walk {
  readonly files = new Map<string, FileNode | SymlinkNode>();
  readonly directories: string[] = [];
  readonly skipped: string[] = [];
  readonly changing: string[] = [];
  readonly #top: string;
  readonly #options: TreeOptions;
  /** Each distinct directory as it is encoded, after all that are in it. */
  readonly #directories = new Map<Digest, Uint8Array>();

  constructor(top: string, options: TreeOptions) {
    this.#top = normalize(top).replace(/\/$/, "");
    this.#options = options;
  }

  /** Reads the directory at the relative `path`, and all below it. */
  read(path: string): { bytes: Uint8Array; digest: Digest; mode?: number } {
    this.directories.push(path);
    const files: Directory["files"][number][] = [];
    const directories: Directory["directories"][number][] = [];
    const symlinks: Directory["symlinks"][number][] = [];
    for (const entry of entriesOf(this.#at(path))) {
      const { name } = entry;
      const below = path === "" ? name : `${path}/${name}`;
      const kind = this.#options.followsAbsolute === true ? this.#kindOf(entry, below) : entry.kind;
      if (this.#options.ignore?.(below, kind === "directory") === true) continue;
      if (kind === "directory") directories.push({ name, digest: this.read(below).digest });
      else if (kind === "symlink") symlinks.push({ name, target: this.#symlink(below).target });
      else if (kind === "other") this.skipped.push(below);
      else {
        const file = this.#file(below);
        if (file !== undefined) files.push({ name, ...file });
      }
    }
    const mode = this.#options.modes ? { mode: modeOf(this.#at(path)) } : {};
    const bytes = encodeDirectory({ files, directories, symlinks, ...mode });
    const digest = digestOf(bytes);
    if (!this.#directories.has(digest)) this.#directories.set(digest, bytes);
    return { bytes, digest, ...mode };
  }

  /** What `entry` is, or what it stands for. */
  #kindOf({ kind }: DirectoryEntry, path: string): DirectoryEntry["kind"] {
    const at = this.#at(path);
    if (kind !== "symlink" || !targetOf(at).startsWith("/")) return kind;
    const stats = statSync(at, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) return "directory";
    return stats?.isFile() === true ? "file" : "other";
  }

  /** All directories but the one of digest `root`, each before those in it, as REAPI prefers. */
  childrenOf(root: Digest): Uint8Array[] {
    const children = new Map(this.#directories);
    children.delete(root);
    return [...children.values()].reverse();
  }

  /** What `join` gives, which takes its time for each of many. */
  #at(path: string): string {
    return path === "" ? this.#top || "/" : `${this.#top}/${path}`;
  }

  #symlink(path: string): SymlinkNode {
    const node = { kind: "symlink", target: targetOf(this.#at(path)) } as const;
    this.files.set(path, node);
    return node;
  }

  /** The file at `path`; undefined when it went away since its directory was read. */
  #file(path: string): FileNode | undefined {
    const state = this.#options.fileAt(this.#at(path));
    if (state === undefined || state.changing) this.changing.push(path);
    if (state === undefined) return undefined;
    const { digest, executable, mode } = state;
    const node = {
      kind: "file",
      digest,
      executable,
      ...(this.#options.modes && { mode }),
    } as const;
    this.files.set(path, node);
    return node;
  }
}

/** The permission bits of the directory `path`. */
function modeOf(path: string): number {
  try {
    return statSync(path).mode & 0o7777;
  } catch (cause) {
    throw readError(cause, path);
  }
}
