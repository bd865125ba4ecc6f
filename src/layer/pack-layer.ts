// Layers → bytes. Source: GNU tar manual, "Basic Tar Format"; POSIX, pax, for attributes.

import type { LayerEntry } from "./layer.ts";
import type { FileNode } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";

/** By path, whose characters are bytes, without a leading slash; the root is `.`. */
export type LayerEntries = ReadonlyMap<string, LayerEntry>;

/**
 * The layer of `entries`, in pieces: the same bytes for the same entries. Two paths with the same
 * file are hard links. Sockets are left out, as they mean nothing once their program is gone.
 */
export function* packLayer(entries: LayerEntries): Generator<Uint8Array> {
  const first = new Map<FileNode, string>();
  for (const path of [...entries.keys()].sort()) {
    const entry = entries.get(path);
    if (entry === undefined || entry.kind === "socket") continue;
    const linked = entry.kind === "file" ? first.get(entry) : undefined;
    if (entry.kind === "file" && linked === undefined) first.set(entry, path);
    yield* packEntry(path, entry, linked);
  }
  yield Buffer.alloc(2 * blockBytes);
}

const blockBytes = 512;

function* packEntry(
  path: string,
  entry: LayerEntry,
  linked: string | undefined,
): Generator<Uint8Array> {
  const name = entry.kind === "directory" ? `${path}/` : path;
  const target =
    linked ?? (entry.kind === "symlink" ? Buffer.from(entry.target).toString("latin1") : "");
  if (entry.kind !== "whiteout") {
    const extension = paxOf(entry);
    if (extension.length > 0) yield* packExtension("x", extension);
  }
  if (target.length > 100) yield* packExtension("K", Buffer.from(`${target}\0`, "latin1"));
  if (name.length > 100) yield* packExtension("L", Buffer.from(`${name}\0`, "latin1"));
  yield headerOf({ name, target, type: typeOf(entry, linked), entry });
  if (entry.kind !== "file" || linked !== undefined) return;
  yield* contentOf(path, entry);
}

function* contentOf(path: string, { content }: FileNode): Generator<Uint8Array> {
  let missingBytes = content.sizeBytes;
  for (const piece of content.read()) {
    missingBytes -= piece.byteLength;
    if (missingBytes < 0) break;
    yield piece;
  }
  if (missingBytes !== 0) throw new FormatError(path, "changed its size while it was packed");
  yield Buffer.alloc(paddingOf(content.sizeBytes));
}

function paddingOf(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

function typeOf(entry: LayerEntry, linked: string | undefined): string {
  switch (entry.kind) {
    case "file":
      return linked === undefined ? "0" : "1";
    case "symlink":
      return "2";
    case "whiteout":
      return "3";
    case "device":
      return entry.type === "character" ? "3" : "4";
    case "directory":
      return "5";
    case "fifo":
      return "6";
    case "socket":
      throw new Error("bug: a socket has no type in tar");
  }
}

/** What a header has no room for. */
function paxOf(entry: Exclude<LayerEntry, { kind: "whiteout" }>): Buffer {
  const records: Buffer[] = [];
  const add = (name: string, value: Uint8Array): void => {
    const rest = Buffer.concat([Buffer.from(` ${name}=`), value, Buffer.from("\n")]);
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length)
      length = String(length).length + rest.length;
    records.push(Buffer.concat([Buffer.from(String(length)), rest]));
  };
  const { uid, gid } = entry;
  if (uid > maxId) add("uid", Buffer.from(String(uid)));
  if (gid > maxId) add("gid", Buffer.from(String(gid)));
  if (entry.kind === "file" && entry.content.sizeBytes > maxSize) {
    add("size", Buffer.from(String(entry.content.sizeBytes)));
  }
  for (const name of [...(entry.xattrs?.keys() ?? [])].sort()) {
    add(`SCHILY.xattr.${name}`, entry.xattrs?.get(name) ?? Buffer.alloc(0));
  }
  return Buffer.concat(records);
}

const maxId = 8 ** 7 - 1;
const maxSize = 8 ** 11 - 1;

function* packExtension(type: string, content: Buffer): Generator<Uint8Array> {
  const block = Buffer.alloc(blockBytes);
  block.write(type === "x" ? "pax" : "././@LongLink", 0, "latin1");
  writeNumbers(block, { mode: 0o644, uid: 0, gid: 0, size: content.length, mtime: 0 });
  yield sealed(block, type);
  yield content;
  yield Buffer.alloc(paddingOf(content.length));
}

interface HeaderFacts {
  readonly name: string;
  readonly target: string;
  readonly type: string;
  readonly entry: LayerEntry;
}

function headerOf({ name, target, type, entry }: HeaderFacts): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(name.slice(0, 100), 0, "latin1");
  block.write(target.slice(0, 100), 157, "latin1");
  const isFile = entry.kind === "file" && type === "0";
  const size = isFile && entry.content.sizeBytes <= maxSize ? entry.content.sizeBytes : 0;
  const facts = entry.kind === "whiteout" ? { mode: 0, uid: 0, gid: 0, mtime: 0 } : entry;
  const [uid, gid] = [Math.min(facts.uid, maxId), Math.min(facts.gid, maxId)];
  const mtime = Math.min(Math.max(0, facts.mtime), maxSize);
  writeNumbers(block, { mode: facts.mode & 0o7777, uid, gid, size, mtime });
  if (entry.kind === "device" || entry.kind === "whiteout") {
    const { major, minor } = entry.kind === "device" ? entry : { major: 0, minor: 0 };
    block.write(`${octal(major, 7)}\0${octal(minor, 7)}\0`, 329, "latin1");
  }
  return sealed(block, type);
}

function writeNumbers(
  block: Buffer,
  facts: Readonly<Record<"mode" | "uid" | "gid" | "size" | "mtime", number>>,
): void {
  const { mode, uid, gid, size, mtime } = facts;
  block.write(`${octal(mode, 7)}\0${octal(uid, 7)}\0${octal(gid, 7)}\0`, 100, "latin1");
  block.write(`${octal(size, 11)}\0${octal(mtime, 11)}\0`, 124, "latin1");
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function sealed(block: Buffer, type: string): Buffer {
  block.write(type, 156, "latin1");
  block.write("ustar  \0", 257, "latin1");
  block.write(" ".repeat(8), 148, "latin1"); // The sum is taken with blanks in its place.
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return block;
}
