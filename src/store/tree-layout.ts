// Lays a stored tree down in a directory. Knows not what it is for.

import { chmodSync, linkSync, lutimesSync, mkdirSync, symlinkSync, utimesSync } from "node:fs";

import type { Directory } from "../action/reapi-directory.ts";
import type { FileNode, TreeNode } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { Cas } from "./cas.ts";
import { sealedMode, sealedMtimeMs } from "./seal.ts";
import { writeError } from "./store-error.ts";
import { directoriesOf } from "./tree-message.ts";

/** Whether a tree was laid down; when not, part of it may be there, and is the caller's to remove. */
export type Materialized =
  | { readonly kind: "whole" }
  /** The first blob that the CAS does not have: of a file, or of the Tree itself. */
  | { readonly kind: "missing"; readonly digest: Digest };

/**
 * Makes the directory `destination`, which may exist if it is empty, of hard links to blobs, or of
 * copies for files that have a mode of their own. Every mtime in it is the sealed one, so that an
 * archive of it is the same each time. Throws a StoreError.
 */
export function materialize(tree: TreeNode, destination: string, cas: Cas): Materialized {
  const directories = directoriesOf(tree, cas);
  if (directories === undefined) return { kind: "missing", digest: tree.tree };
  const missing = layDown(tree.root, destination, { directories, cas, placed: new Map() });
  return missing === undefined ? { kind: "whole" } : { kind: "missing", digest: missing };
}

interface Layout {
  readonly directories: ReadonlyMap<Digest, Directory>;
  readonly cas: Cas;
  /** Where each blob was linked to first: many files of one tree may be empty. */
  readonly placed: Map<string, string>;
}

/** Lays down the directory of `digest` at `path`; gives the first blob that is missing. */
function layDown(digest: Digest, path: string, layout: Layout): Digest | undefined {
  const directory = layout.directories.get(digest);
  if (directory === undefined) return digest;
  writing(path, () => mkdirSync(path, { recursive: true }));
  for (const file of directory.files) {
    if (!placeFile(file, `${path}/${file.name}`, layout)) return file.digest;
  }
  for (const { name, target } of directory.symlinks) placeSymlink(target, `${path}/${name}`);
  for (const { name, digest: below } of directory.directories) {
    const missing = layDown(below, `${path}/${name}`, layout);
    if (missing !== undefined) return missing;
  }
  // Last, as making entries moves the mtime, and needs a directory that can be written.
  writing(path, () => {
    if (directory.mode !== undefined) chmodSync(path, directory.mode);
    utimesSync(path, sealedMtimeMs / 1000, sealedMtimeMs / 1000);
  });
  return undefined;
}

function placeFile(
  file: Omit<FileNode, "kind">,
  path: string,
  { cas, placed }: Pick<Layout, "cas" | "placed">,
): boolean {
  const { digest, executable, mode } = file;
  if (mode !== undefined && mode !== sealedMode(executable)) return cas.copy(file, path, mode);
  const blob = `${digest} ${executable}`;
  const twin = placed.get(blob);
  if (twin !== undefined && isLinked(twin, path)) return true;
  placed.set(blob, path);
  return cas.link(file, path);
}

/** Makes `path` another name of the file `twin`; false when that cannot be, as it has too many. */
function isLinked(twin: string, path: string): boolean {
  try {
    linkSync(twin, path);
    return true;
  } catch {
    return false;
  }
}

function placeSymlink(target: string, path: string): void {
  writing(path, () => {
    symlinkSync(target, path);
    lutimesSync(path, sealedMtimeMs / 1000, sealedMtimeMs / 1000);
  });
}

function writing(path: string, use: () => void): void {
  try {
    use();
  } catch (cause) {
    throw writeError(cause, path);
  }
}
