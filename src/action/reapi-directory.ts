// The messages Directory and Tree of REAPI v2, to and from bytes. Knows no disk.

import type { Digest } from "../digest/digest.ts";
import { readMode, writeMode } from "./node-properties.ts";
import { readDigest, writeDigest } from "./reapi-digest.ts";
import type { FileNode, SymlinkNode } from "./result.ts";
import { sortedByName } from "./utf8-order.ts";
import { type WireReader, decodeWire, malformed } from "./wire-reader.ts";
import { type WireWriter, encodeWire } from "./wire-writer.ts";

/** One directory; those in it are named by their digests. Source: REAPI v2 `Directory`. */
export interface Directory {
  /** Names are single segments, and no two entries of a directory have the same. */
  readonly files: readonly (Named & Omit<FileNode, "kind">)[];
  readonly directories: readonly (Named & { readonly digest: Digest })[];
  readonly symlinks: readonly (Named & Omit<SymlinkNode, "kind">)[];
  /** Permission bits; absent: they do not matter. */
  readonly mode?: number;
}

interface Named {
  readonly name: string;
}

/** A directory with all below it. Source: REAPI v2 `Tree`. */
export interface Tree {
  readonly root: Directory;
  /** Each distinct directory below `root` once, and before those in it. */
  readonly children: readonly Directory[];
}

/** `directory` in canonical form, whatever the order of its entries. */
export function encodeDirectory(directory: Directory): Uint8Array {
  return encodeWire((writer) => writeDirectory(writer, directory));
}

/** The directory in `bytes`; undefined when they are none. Names are as they came. */
export function decodeDirectory(bytes: Uint8Array): Directory | undefined {
  return decodeWire(bytes, readDirectory);
}

/** The Tree of directories that are encoded, with the children in the order given. */
export function encodeTree(root: Uint8Array, children: Iterable<Uint8Array>): Uint8Array {
  return encodeWire((writer) => {
    writer.element(1, root);
    for (const child of children) writer.element(2, child);
  });
}

/** The tree in `bytes`; undefined when they are none. Nothing says that it is whole. */
export function decodeTree(bytes: Uint8Array): Tree | undefined {
  return decodeWire(bytes, (reader) => {
    let root: Directory = { files: [], directories: [], symlinks: [] };
    const children: Directory[] = [];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) root = reader.message(readDirectory);
      else if (field === 2) children.push(reader.message(readDirectory));
    }
    return { root, children };
  });
}

/** Where the symbolic links in the tree of `bytes` lead; undefined when they are none. */
export function linkTargetsIn(bytes: Uint8Array): readonly string[] | undefined {
  const targets: string[] = [];
  return decodeWire(bytes, (tree) => {
    for (let field = tree.next(); field !== 0; field = tree.next()) {
      if (field === 1 || field === 2) tree.message((one) => readTargets(one, targets));
    }
    return targets;
  });
}

/** Passes over the files, which are most of a directory. */
function readTargets(directory: WireReader, targets: string[]): void {
  for (let field = directory.next(); field !== 0; field = directory.next()) {
    if (field === 3) targets.push(directory.message(readSymlink).target);
  }
}

function writeDirectory(writer: WireWriter, directory: Directory): void {
  for (const { name, digest, executable, mode } of sortedByName(directory.files)) {
    writer.message(1, () => {
      writer.bytes(1, name);
      writeDigest(writer, 2, digest);
      writer.boolean(4, executable);
      writeMode(writer, 6, mode);
    });
  }
  for (const { name, digest } of sortedByName(directory.directories)) {
    writer.message(2, () => {
      writer.bytes(1, name);
      writeDigest(writer, 2, digest);
    });
  }
  for (const { name, target } of sortedByName(directory.symlinks)) {
    writer.message(3, () => {
      writer.bytes(1, name);
      writer.bytes(2, target);
    });
  }
  writeMode(writer, 5, directory.mode);
}

function readDirectory(reader: WireReader): Directory {
  const files: Directory["files"][number][] = [];
  const directories: Directory["directories"][number][] = [];
  const symlinks: Directory["symlinks"][number][] = [];
  let mode: { readonly mode?: number } = {};
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) files.push(reader.message(readFile));
    else if (field === 2) directories.push(reader.message(readSubdirectory));
    else if (field === 3) symlinks.push(reader.message(readSymlink));
    else if (field === 5) mode = readMode(reader);
  }
  return { files, directories, symlinks, ...mode };
}

function readFile(reader: WireReader): Directory["files"][number] {
  let name = "";
  let digest: Digest | undefined;
  let executable = false;
  let mode: { readonly mode?: number } = {};
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.text();
    else if (field === 2) digest = readDigest(reader);
    else if (field === 4) executable = reader.boolean();
    else if (field === 6) mode = readMode(reader);
  }
  return { name, digest: digest ?? malformed(), executable, ...mode };
}

function readSubdirectory(reader: WireReader): Directory["directories"][number] {
  let name = "";
  let digest: Digest | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.text();
    else if (field === 2) digest = readDigest(reader);
  }
  return { name, digest: digest ?? malformed() };
}

function readSymlink(reader: WireReader): Directory["symlinks"][number] {
  let name = "";
  let target = "";
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.text();
    else if (field === 2) target = reader.text();
  }
  return { name, target };
}
