// A layer that is being made, on top of others. Knows no content of those, only their names.

import { type FileTree, plainDirectory, type TreeNode } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import type { LayerEntry } from "./layer.ts";

/** Whom something belongs to. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Collects what a layer has, by paths through symbolic links of the layers below. */
export class LayerDraft {
  /** What is below, and what was put on top. */
  readonly #tree: FileTree;
  readonly #entries = new Map<string, LayerEntry>();
  readonly #mtime: number;

  /** `tree` is the layers below, and becomes them with this one on top. */
  constructor(tree: FileTree, mtime: number) {
    this.#tree = tree;
    this.#mtime = mtime;
  }

  get entries(): ReadonlyMap<string, LayerEntry> {
    return this.#entries;
  }

  /** `path` without symbolic links, which lead nowhere out of the tree; what is missing stays. */
  realPath(path: string): string {
    const done: string[] = [];
    const left = namesOf(path).reverse();
    let links = 0;
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (name === "..") {
        done.pop();
        continue;
      }
      const node = this.at([...done, name].join("/"));
      if (node?.kind !== "symlink") {
        done.push(name);
        continue;
      }
      if (++links > linkLimit) throw new FormatError(path, "goes round in a circle");
      const target = Buffer.from(node.target).toString("latin1");
      if (target.startsWith("/")) done.length = 0;
      left.push(...namesOf(target).reverse());
    }
    return done.join("/");
  }

  /** What stands at the real path `path`, itself if it is a symbolic link. */
  at(path: string): TreeNode | undefined {
    return this.#tree.get(Buffer.from(path, "latin1"));
  }

  /** The entry that this layer has at the real path `path`. */
  own(path: string): LayerEntry | undefined {
    return this.#entries.get(path);
  }

  put(path: string, node: TreeNode): void {
    this.#tree.set(Buffer.from(path, "latin1"), node);
    const entry = node.kind === "directory" ? { ...node, children: new Map() } : node;
    this.#keepAbove(path);
    this.#entries.set(path === "" ? "." : path, entry);
  }

  /** A layer that is unpacked for itself knows of a directory nothing that it does not say. */
  #keepAbove(path: string): void {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const above = path.slice(0, end);
      if (this.#entries.has(above)) return;
      const node = this.at(above);
      if (node?.kind !== "directory") continue;
      this.#entries.set(above, { ...node, mtime: this.#mtime, children: new Map() });
    }
  }

  /** Makes the directory at the real path `path` and those above, unless they are there. */
  makeDirectories(
    path: string,
    { owner, mode }: { readonly owner: Owner; readonly mode: number },
  ): void {
    const names = namesOf(path);
    for (let length = 1; length <= names.length; length++) {
      const part = names.slice(0, length).join("/");
      const node = this.at(part);
      if (node?.kind === "directory") continue;
      if (node !== undefined) throw new FormatError(`/${part}`, "is no directory");
      const facts = { ...plainDirectory, ...owner, mode, mtime: this.#mtime };
      this.put(part, { kind: "directory", ...facts, children: new Map() });
    }
  }
}

/** As many links as Linux follows in one path. */
const linkLimit = 255;

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}
