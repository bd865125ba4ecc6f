// Takes what an action has left into the store, and lays out what users asked for.

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { Directory } from "../action/reapi-directory.ts";
import type { ExecPath } from "../action/action.ts";
import type { Node, SymlinkNode, TreeNode } from "../action/result.ts";
import { pathBelow } from "../base/path-below.ts";
import type { Digest } from "../digest/digest.ts";
import type { SandboxTree } from "../sandbox/sandbox.ts";
import type { Cas } from "../store/cas.ts";
import { errorCode, StoreError, writeError } from "../store/store-error.ts";
import { readTree } from "../store/tree.ts";
import { materialize } from "../store/tree-layout.ts";

/**
 * What an action left at `path` below `root`, now in the store; undefined when it left nothing.
 * The tree is told of a file that `stays` there as a link to its blob, and else keeps nothing.
 */
export function collectOutput(
  { root, stays }: Pick<SandboxTree, "root" | "stays">,
  path: ExecPath,
  cas: Cas,
): Node | undefined {
  const file = pathBelow(root, path);
  // Most are files, and opening one tells, too.
  const shared = stays === undefined ? undefined : cas.shareFile(file);
  if (shared !== undefined) {
    const { digest, executable } = shared.file;
    stays?.(path, shared.blobPath);
    return { kind: "file", digest, executable };
  }
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) return { kind: "symlink", target: readlinkSync(file) };
  if (found.isDirectory()) return collectTree(file, cas);
  if (!found.isFile()) return undefined;
  return { kind: "file", ...cas.importFile(file, { move: true }) };
}

function collectTree(directory: string, cas: Cas): TreeNode {
  const { node, bytes } = readTree(directory, {
    modes: false,
    fileAt: (path) => {
      const file = cas.importFile(path, { move: true });
      return { mode: file.executable ? 0o755 : 0o644, changing: false, ...file };
    },
  });
  cas.put(bytes);
  return node;
}

/** Where and from what to lay out outputs. */
export interface Placement {
  readonly cas: Cas;
  readonly openTree: (tree: TreeNode) => ReadonlyMap<Digest, Directory>;
  /** Hears that it is not there yet. */
  readonly layingOut?: () => void;
}

/**
 * Makes `node` stand at the absolute path `path`, as links to the store. Leaves alone what is
 * there already. False when a blob is gone. Throws a StoreError.
 */
export function placeOutput(node: Node, path: string, placement: Placement): boolean {
  for (let attempt = 1; ; attempt++) {
    if (isPlaced(node, path, placement)) return true;
    if (attempt === 1) placement.layingOut?.();
    try {
      if (isThere(path)) rmSync(path, { recursive: true, force: true });
      mkdirSync(dirname(path), { recursive: true });
      return layOut(node, path, placement);
    } catch (cause) {
      if (attempt === attempts || !isRace(cause)) throw writeError(cause, path);
    }
  }
}

/** How often to try when another build lays out the same. */
const attempts = 10;

/** Whether `cause` is what comes of another build that puts or removes something there. */
function isRace(cause: unknown): boolean {
  const code = errorCode(cause instanceof StoreError ? cause.cause : cause);
  return code === "EEXIST" || code === "ENOTEMPTY" || code === "ENOENT";
}

/** Makes `node` at `path`, where nothing is; false when a blob is gone. */
function layOut(node: Node, path: string, { cas }: Placement): boolean {
  if (node.kind === "file") return cas.link(node, path);
  if (node.kind === "symlink") {
    symlinkSync(node.target, path);
    return true;
  }
  // Elsewhere first, as two builds would remove each other's half of it for ever.
  const draft = cas.temporaryPath();
  try {
    if (materialize(node, draft, cas).kind !== "whole") return false;
    renameSync(draft, path);
    return true;
  } catch (cause) {
    if (errorCode(cause) !== "EXDEV") throw cause;
    return materialize(node, path, cas).kind === "whole";
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whether `node` stands at `path`, as `placeOutput` would leave it. */
function isPlaced(node: Node, path: string, placement: Placement): boolean {
  if (node.kind === "symlink") return isLinkPlaced(node, path);
  if (node.kind === "tree") {
    return isTreePlaced(node.root, path, { ...placement, directories: placement.openTree(node) });
  }
  const stats = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stats !== undefined && placement.cas.isLink(node, stats);
}

function isLinkPlaced({ target }: SymlinkNode, path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSymbolicLink() === true && readlinkSync(path) === target;
}

interface TreePlacement extends Placement {
  readonly directories: ReadonlyMap<Digest, Directory>;
}

function isTreePlaced(root: Digest, path: string, placement: TreePlacement): boolean {
  const directory = placement.directories.get(root);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (directory === undefined || found?.isDirectory() !== true) return false;
  const { files, symlinks, directories } = directory;
  const names = [...files, ...symlinks, ...directories].map(({ name }) => name);
  if (readdirSync(path).length !== names.length) return false;
  return (
    files.every((file) => isPlaced({ kind: "file", ...file }, join(path, file.name), placement)) &&
    symlinks.every((link) => isLinkPlaced({ kind: "symlink", ...link }, join(path, link.name))) &&
    directories.every(({ name, digest }) => isTreePlaced(digest, join(path, name), placement))
  );
}
