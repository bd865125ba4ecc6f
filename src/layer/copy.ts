// Copies from one tree into another, as COPY does. Source: BuildKit's solver and fsutil: what
// happens to what is there already, and which link is followed where, is as they do it.

import type { FileTree, TreeNode } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import type { LayerDraft, Owner } from "./layer-draft.ts";

/** What is copied from a tree, and how. */
export interface CopyRequest {
  readonly tree: FileTree;
  /** From the root of the tree, with its links followed; none: the root. */
  readonly path: string;
  /** The last name in the path as the user has it, which a copy in a directory gets. */
  readonly name: string;
  /** A `/` at its end means a directory. */
  readonly destination: string;
  /** Absent: as it is in the tree. */
  readonly owner?: Owner;
  /** Absent: as it is in the tree. */
  readonly mode?: (mode: number, isDirectory: boolean) => number;
  /** Of directories that are made for it. */
  readonly directoryMode: number;
  /** Whether a path below the source, which has a name, is copied. */
  readonly includes?: (path: string) => boolean;
}

/**
 * Copies into `draft`: of a directory what is in it. Throws a FormatError for what cannot take the
 * place of what is there.
 */
export function copyInto(draft: LayerDraft, request: CopyRequest): void {
  const { tree, path, name, destination } = request;
  const made = { owner: request.owner ?? root, mode: request.directoryMode };
  const source = tree.get(Buffer.from(path, "latin1"));
  if (source === undefined) throw new FormatError(`/${path}`, "is not there");
  const wanted = destination.endsWith("/") ? destination : dirOf(destination);
  draft.makeDirectories(draft.realPath(wanted), made);
  const there = draft.realPath(destination);
  if (source.kind === "directory") {
    // It has the facts of one that is made: those of the source count only for what is in it.
    draft.makeDirectories(there, made);
    new Copying(draft, request).copy(source, { target: there, below: "", keepsFacts: true });
    return;
  }
  const target = draft.at(there)?.kind === "directory" ? joined(there, name) : there;
  draft.makeDirectories(dirOf(target), made);
  new Copying(draft, request).copy(source, { target, below: "", keepsFacts: false });
}

const root: Owner = { uid: 0, gid: 0 };

interface Place {
  readonly target: string;
  /** From the source; empty: the source itself. */
  readonly below: string;
  /** Whether a directory that is there stays as it is. */
  readonly keepsFacts: boolean;
}

class Copying {
  readonly #draft: LayerDraft;
  readonly #request: CopyRequest;
  /** Of files that have several names. */
  readonly #copies = new Map<TreeNode, TreeNode>();

  constructor(draft: LayerDraft, request: CopyRequest) {
    this.#draft = draft;
    this.#request = request;
  }

  /** Whether anything was copied. */
  copy(node: TreeNode, place: Place): boolean {
    const { target, below } = place;
    const isIncluded = below === "" || (this.#request.includes?.(below) ?? true);
    if (node.kind === "directory") return this.#copyDirectory(node, place, isIncluded);
    if (!isIncluded) return false;
    if (this.#draft.at(target)?.kind === "directory") {
      throw new FormatError(`/${target}`, "is a directory, which a file cannot replace");
    }
    const known = this.#copies.get(node);
    const copy = known ?? this.#changed(node);
    this.#copies.set(node, copy);
    this.#draft.put(target, copy);
    return true;
  }

  #copyDirectory(
    node: TreeNode & { readonly kind: "directory" },
    { target, below, keepsFacts }: Place,
    isIncluded: boolean,
  ): boolean {
    if (isIncluded) this.#putDirectory(node, target, keepsFacts);
    let isAny = isIncluded;
    for (const name of [...node.children.keys()].sort()) {
      const child = node.children.get(name);
      if (child === undefined) continue;
      const path = below === "" ? name : `${below}/${name}`;
      const place = { target: joined(target, name), below: path, keepsFacts: false };
      // A directory comes to be when something in it does.
      if (!isAny && this.#wouldCopy(child, path)) {
        this.#putDirectory(node, target, true);
        isAny = true;
      }
      this.copy(child, place);
    }
    return isAny;
  }

  #wouldCopy(node: TreeNode, below: string): boolean {
    if (this.#request.includes?.(below) !== false) return true;
    if (node.kind !== "directory") return false;
    return [...node.children].some(([name, child]) => this.#wouldCopy(child, `${below}/${name}`));
  }

  #putDirectory(
    node: TreeNode & { readonly kind: "directory" },
    target: string,
    keepsFacts: boolean,
  ): void {
    const there = this.#draft.at(target);
    if (there !== undefined && there.kind !== "directory") {
      throw new FormatError(`/${target}`, "is no directory, so that none can be copied there");
    }
    if (there !== undefined && (keepsFacts || target === "")) return;
    this.#draft.put(target, this.#changed({ ...node, children: new Map() }));
  }

  #changed(node: TreeNode): TreeNode {
    const { owner, mode } = this.#request;
    const isDirectory = node.kind === "directory";
    const changed =
      node.kind === "symlink" ? node.mode : (mode?.(node.mode, isDirectory) ?? node.mode);
    return { ...node, ...owner, mode: changed };
  }
}

function joined(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

function dirOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end <= 0 ? "" : path.slice(0, end);
}
