// What unpacking CPIO archives leaves, as a tree. Knows no disk.

import { setImmediate } from "node:timers/promises";

import type { ArchiveBytes } from "./archive-bytes.ts";
import { type FileNode, FileTree, type NodeFacts, type TreeNode } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import { checkedContent, targetOf } from "./newc-archive.ts";
import { fileTypeMask } from "./newc-header.ts";
import { type NewcRecord, readNewc } from "./newc-reader.ts";

/**
 * The tree that `archive`, of any form of {@link readNewc}, holds; it must stay open while content
 * is read. Throws a FormatError for an archive that makes no sense.
 */
export async function treeOfCpio(archive: ArchiveBytes, signal: AbortSignal): Promise<FileTree> {
  const records: NewcRecord[] = [];
  /** By identity: of a file with several names, only one may have the content. */
  const contents = new Map<string, NewcRecord>();
  for (const record of readNewc(archive)) {
    if (records.push(record) % recordsPerTurn === 0) await setImmediate(undefined, { signal });
    if (record.nlink > 1 && record.sizeBytes > 0) contents.set(record.identity, record);
  }
  const tree = new FileTree();
  const files = new Map<string, FileNode>();
  for (const record of records) {
    const name = `${archive.path}: ${readableName(record.name)}`;
    const shared = record.nlink > 1 ? files.get(record.identity) : undefined;
    const node =
      shared ?? nodeOf(archive, { record, content: contents.get(record.identity) ?? record, name });
    if (node.kind === "file" && record.nlink > 1) files.set(record.identity, node);
    tree.set(record.name, node);
  }
  return tree;
}

/** Few enough that others do not wait long. */
const recordsPerTurn = 2000;

/** The types of files in a mode. Source: POSIX, `<cpio.h>`. */
const types = {
  fifo: 0o010000,
  character: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
} as const;

interface Named {
  readonly record: NewcRecord;
  readonly content: NewcRecord;
  readonly name: string;
}

function nodeOf(archive: ArchiveBytes, { record, content, name }: Named): TreeNode {
  const { mode, uid, gid, mtime, major, minor } = record;
  const facts: NodeFacts = { mode: mode & 0o7777, uid, gid, mtime };
  switch (mode & fileTypeMask) {
    case types.directory:
      return { kind: "directory", ...facts, children: new Map() };
    case types.file: {
      // Only files of several names may have their content elsewhere.
      const source = record.nlink > 1 ? content : record;
      const read = () => checkedContent(archive, source);
      return { kind: "file", ...facts, content: { sizeBytes: source.sizeBytes, read } };
    }
    case types.symlink:
      return { kind: "symlink", ...facts, mode: 0o777, target: targetOf(archive, record) };
    case types.character:
      return { kind: "device", ...facts, type: "character", major, minor };
    case types.block:
      return { kind: "device", ...facts, type: "block", major, minor };
    case types.fifo:
      return { kind: "fifo", ...facts };
    case types.socket:
      return { kind: "socket", ...facts };
    default:
      throw new FormatError(name, `has the impossible mode ${mode.toString(8)}`);
  }
}
