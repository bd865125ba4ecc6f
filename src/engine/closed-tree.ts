// Whether all links in a directory stay in it, so that its digest tells all that can be read there.

import { posix } from "node:path";

import { type Directory, linkTargetsIn } from "../action/reapi-directory.ts";
import type { Node } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";

/** By what is in it, by path below it. */
export function isClosedListing(files: ReadonlyMap<string, Node>): boolean {
  for (const [path, node] of files) {
    if (node.kind === "symlink" && leadsOut(posix.dirname(path), node.target)) return false;
  }
  return true;
}

/** By its Tree message: in most no link goes up at all, which is told without a digest of each directory. */
export function linksStay(bytes: Uint8Array | undefined): boolean {
  const targets = bytes && linkTargetsIn(bytes);
  return targets?.every((to) => !to.startsWith("/") && !to.split("/").includes("..")) === true;
}

/** By the Directory messages in it, of which that of digest `root` is the top. */
export function isClosedTree(root: Digest, directories: ReadonlyMap<Digest, Directory>): boolean {
  const pending = [{ path: "", digest: root }];
  for (const { path, digest } of pending) {
    const directory = directories.get(digest);
    if (directory?.symlinks.some(({ target }) => leadsOut(path, target)) === true) return false;
    for (const below of directory?.directories ?? []) {
      pending.push({ path: posix.join(path, below.name), digest: below.digest });
    }
  }
  return true;
}

/** Whether `target`, of a link in the directory `path` below the top, is out of the top. */
function leadsOut(path: string, target: string): boolean {
  return target.startsWith("/") || posix.join(path, target).startsWith("..");
}
