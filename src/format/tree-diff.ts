// What differs between two trees, path by path. Knows no format.

import { createHash } from "node:crypto";

import type { FileTree, TreeNode } from "./file-tree.ts";
import { readableName } from "./format-error.ts";

/** A path of one or both trees that is not the same in the other. */
export interface TreeChange {
  readonly kind: "added" | "removed" | "changed";
  /** As people read it. */
  readonly path: string;
  /** Of files, before and after; absent where there is no file. */
  readonly oldBytes?: number;
  readonly newBytes?: number;
  /** What of a changed path differs, such as `mode`, `content`. */
  readonly differs: readonly string[];
}

/** What became of `before`, in the order of paths. */
export function changesBetween(before: FileTree, after: FileTree): TreeChange[] {
  const old = new Map([...before.walk()].map(({ path, node }) => [path.toString("latin1"), node]));
  const changes: TreeChange[] = [];
  for (const { path, node } of after.walk()) {
    const key = path.toString("latin1");
    const was = old.get(key);
    old.delete(key);
    const name = readableName(path);
    if (was === undefined)
      changes.push({ kind: "added", path: name, differs: [], ...sizes(undefined, node) });
    else {
      const differs = differencesOf(was, node);
      if (differs.length > 0)
        changes.push({ kind: "changed", path: name, differs, ...sizes(was, node) });
    }
  }
  for (const [key, node] of old) {
    const path = readableName(Buffer.from(key, "latin1"));
    changes.push({ kind: "removed", path, differs: [], ...sizes(node, undefined) });
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function sizes(before: TreeNode | undefined, after: TreeNode | undefined) {
  return {
    ...(before?.kind === "file" && { oldBytes: before.content.sizeBytes }),
    ...(after?.kind === "file" && { newBytes: after.content.sizeBytes }),
  };
}

function differencesOf(before: TreeNode, after: TreeNode): string[] {
  if (before.kind !== after.kind) return ["kind"];
  const differs: string[] = [];
  if (before.mode !== after.mode) differs.push("mode");
  if (before.uid !== after.uid || before.gid !== after.gid) differs.push("owner");
  if (!isSameContent(before, after)) differs.push(before.kind === "file" ? "content" : "target");
  return differs;
}

function isSameContent(before: TreeNode, after: TreeNode): boolean {
  if (before.kind === "file" && after.kind === "file") {
    const isLong = before.content.sizeBytes === after.content.sizeBytes;
    return isLong && digestOf(before.content.read()) === digestOf(after.content.read());
  }
  if (before.kind === "symlink" && after.kind === "symlink") {
    return Buffer.compare(before.target, after.target) === 0;
  }
  if (before.kind === "device" && after.kind === "device") {
    return (
      before.major === after.major && before.minor === after.minor && before.type === after.type
    );
  }
  return true;
}

function digestOf(pieces: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}
