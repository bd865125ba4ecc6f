// Layers: what one instruction of a Dockerfile changes in a tree, as a tar archive. Knows no
// instruction.
//
// What goes away is said as overlay file systems say it, so that a layer that was unpacked can be
// mounted as it is: a character device 0:0, and an attribute of directories that hide what is below.

import { addMember } from "../format/tar-tree.ts";
import { type ArchiveBytes, openArchive } from "../format/archive-bytes.ts";
import { FileTree, type TreeNode } from "../format/file-tree.ts";
import { readTar, type TarMember } from "../format/tar-archive.ts";

/** What a layer has at a path. */
export type LayerEntry = TreeNode | { readonly kind: "whiteout" };

/** A tree whose content comes from files; close it in the end. */
export interface OpenStack {
  readonly tree: FileTree;
  readonly close: () => void;
}

/** The tree that the layers in `files`, absolute paths, make: the lowest comes first. */
export function openStack(files: readonly string[]): OpenStack {
  const archives: ArchiveBytes[] = [];
  const close = (): void => {
    for (const archive of archives) archive.close();
  };
  const tree = new FileTree();
  try {
    for (const file of files) {
      const archive = openArchive(file, file.split("/").at(-1) ?? file);
      archives.push(archive);
      layOver(tree, archive);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { tree, close };
}

/** Lays `archive` over `tree`; it must stay open while content is read. */
export function layOver(tree: FileTree, archive: ArchiveBytes): void {
  for (const member of readTar(archive)) {
    if (isWhiteout(member)) {
      tree.remove(member.name);
      continue;
    }
    // What is there may be a link to a directory, which must not be emptied.
    if (isOpaque(member)) tree.remove(member.name);
    addMember(tree, archive, visibleMember(member));
  }
}

/** `member` without the attributes that are no part of the tree. */
export function visibleMember(member: TarMember): TarMember {
  if (!isOpaque(member)) return member;
  const xattrs = new Map(member.xattrs);
  for (const name of opaqueNames) xattrs.delete(name);
  return { ...member, xattrs };
}

/** Whether `member` says that what the layers below have at its path is gone. */
export function isWhiteout({ type, major, minor }: TarMember): boolean {
  return type === "3" && major === 0 && minor === 0;
}

/** Whether `member` is a directory that hides what the layers below have in it. */
export function isOpaque({ xattrs }: TarMember): boolean {
  return opaqueNames.some((name) => xattrs.has(name));
}

/** As mounted with and without the option `userxattr`. Source: Linux, overlayfs. */
const opaqueNames = ["user.overlay.opaque", "trusted.overlay.opaque"];
