// Trees of files → directories that people look into. Knows no image and no format.

import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { setImmediate } from "node:timers/promises";

import type { FileNode, FileTree, SymlinkNode } from "../format/file-tree.ts";
import { FormatError, readableName } from "../format/format-error.ts";
import { writeAll } from "../store/whole-file.ts";
import { throwIfInterrupted } from "./fetch-context.ts";
import type { Account } from "./limits.ts";

/** How to lay a tree down. */
export interface LayOptions {
  readonly account: Account;
  readonly signal: AbortSignal;
}

/**
 * Writes `tree` into the directory `into`, over what is there, and nowhere else: no path leads
 * through a link, whoever made it. Links are what the tree says, permissions too, as far as the
 * owner may go on; owners, times, extended attributes and setuid are not kept. Gives the paths that
 * were left out, of devices and the like. Throws a FormatError where a directory would have to go,
 * and what Node does.
 */
export async function layDownTree(
  tree: FileTree,
  into: string,
  { account, signal }: LayOptions,
): Promise<readonly string[]> {
  const written = new Map<FileNode, Buffer>();
  const leftOut: string[] = [];
  for (const { path, node } of tree.walk()) {
    throwIfInterrupted(signal);
    account.addEntry();
    const at = Buffer.concat([Buffer.from(`${into}/`), path]);
    if (node.kind === "directory") makeDirectory(at, node.mode);
    else if (node.kind === "symlink") makeSymlink(at, node);
    else if (node.kind === "file") {
      makeWay(at);
      const same = written.get(node);
      if (same === undefined) await writeFile(at, node, { account, signal });
      else linkSync(same, at);
      written.set(node, at);
    } else leftOut.push(readableName(path));
  }
  return leftOut;
}

function makeDirectory(at: Buffer, mode: number): void {
  const there = lstatSync(at, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) return;
  // A link to a directory, too: what is in this one would end up there.
  if (there !== undefined) unlinkSync(at);
  mkdirSync(at, (mode & 0o777) | 0o700);
}

function makeSymlink(at: Buffer, { target }: SymlinkNode): void {
  if (target.byteLength === 0 || target.includes(0)) {
    throw new FormatError(readableName(at), "is a link to nothing that can be linked to");
  }
  makeWay(at);
  symlinkSync(Buffer.from(target), at);
}

/** Takes away what stands at `at`; files are not written over, as they may have other names. */
function makeWay(at: Buffer): void {
  const there = lstatSync(at, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isDirectory()) return unlinkSync(at);
  throw new FormatError(readableName(at), "is a directory, where the image has none");
}

async function writeFile(
  at: Buffer,
  { mode, content }: FileNode,
  { account, signal }: LayOptions,
): Promise<void> {
  const descriptor = openSync(at, "wx", (mode & 0o777) | 0o600);
  try {
    for (const piece of content.read()) {
      account.addBytes(piece.byteLength);
      writeAll(descriptor, piece);
      await setImmediate();
      throwIfInterrupted(signal);
    }
  } finally {
    closeSync(descriptor);
  }
}
