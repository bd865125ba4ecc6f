// Layers → bytes. Source: GNU tar manual, "Basic Tar Format"; POSIX, pax, for attributes.
//
// Apart from format/tar-writer.ts, as a layer is no tree: it has whiteouts, only some of the
// directories above its entries, and a time for each. Long names are in GNU's form, since PAX has
// them as UTF-8 unless said otherwise, which not all that unpack it read.

import type { LayerEntry } from "./layer.ts";
import type { FileNode } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import { paddingOf } from "../format/newc-header.ts";
import type { PaxRecord } from "../format/pax-header.ts";
import {
  blockBytes,
  encodeExtension,
  encodeRecords,
  encodeTarHeader,
  maxOctal,
  tarEnd,
} from "../format/tar-block.ts";

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
  yield tarEnd();
}

function* packEntry(
  path: string,
  entry: LayerEntry,
  linked: string | undefined,
): Generator<Uint8Array> {
  const name = entry.kind === "directory" ? `${path}/` : path;
  const target =
    linked ?? (entry.kind === "symlink" ? Buffer.from(entry.target).toString("latin1") : "");
  if (entry.kind !== "whiteout") {
    yield* encodeRecords({ name: "pax", form }, paxOf(entry));
  }
  const long = { name: "././@LongLink", form } as const;
  if (target.length > 100) {
    yield* encodeExtension({ ...long, type: "K" }, Buffer.from(`${target}\0`, "latin1"));
  }
  if (name.length > 100) {
    yield* encodeExtension({ ...long, type: "L" }, Buffer.from(`${name}\0`, "latin1"));
  }
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
  yield Buffer.alloc(paddingOf(content.sizeBytes, blockBytes));
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
function paxOf(entry: Exclude<LayerEntry, { kind: "whiteout" }>): PaxRecord[] {
  const records: PaxRecord[] = [];
  const { uid, gid } = entry;
  if (uid > maxOctal(7)) records.push(["uid", Buffer.from(String(uid))]);
  if (gid > maxOctal(7)) records.push(["gid", Buffer.from(String(gid))]);
  if (entry.kind === "file" && entry.content.sizeBytes > maxOctal(11)) {
    records.push(["size", Buffer.from(String(entry.content.sizeBytes))]);
  }
  for (const name of [...(entry.xattrs?.keys() ?? [])].sort()) {
    records.push([`SCHILY.xattr.${name}`, entry.xattrs?.get(name) ?? Buffer.alloc(0)]);
  }
  return records;
}

interface HeaderFacts {
  readonly name: string;
  readonly target: string;
  readonly type: string;
  readonly entry: LayerEntry;
}

function headerOf({ name, target, type, entry }: HeaderFacts): Buffer {
  const isWhiteout = entry.kind === "whiteout";
  const facts = isWhiteout ? { mode: 0, uid: 0, gid: 0, mtime: 0 } : entry;
  const device = isWhiteout ? { major: 0, minor: 0 } : entry;
  return encodeTarHeader({
    form,
    name: Buffer.from(name, "latin1"),
    link: Buffer.from(target, "latin1"),
    type,
    mode: facts.mode & 0o7777,
    uid: Math.min(facts.uid, maxOctal(7)),
    gid: Math.min(facts.gid, maxOctal(7)),
    sizeBytes: entry.kind === "file" && type === "0" ? entry.content.sizeBytes : 0,
    mtime: Math.min(Math.max(0, facts.mtime), maxOctal(11)),
    ...("major" in device && { device }),
  });
}

const form = "gnu";
