// A layer of many files, as tar. Knows no image.

import { assertNever } from "../base/brand.ts";
import type { TreeEntry, TreeNode } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import { paddingOf } from "./newc-header.ts";

/**
 * The uncompressed tar of `entries`, in pieces: the same bytes for the same entries. Names that
 * no plain header holds get records of PAX, those that are no UTF-8 stand as they are. Throws a
 * FormatError for what is in no layer, and for a file that changes while it is packed.
 *
 * Source: POSIX, pax: "ustar Interchange Format", "pax Extended Header".
 */
export function* packEntries(entries: Iterable<TreeEntry>): Generator<Uint8Array> {
  for (const entry of entries) yield* packEntry(entry);
  yield Buffer.alloc(2 * blockBytes);
}

const blockBytes = 512;
/** What eleven octal digits can say. */
const maxUstarBytes = 8 ** 11 - 1;

function* packEntry({ path, node }: TreeEntry): Generator<Uint8Array> {
  const name = node.kind === "directory" ? Buffer.concat([path, slash]) : path;
  const target = node.kind === "symlink" ? Buffer.from(node.target) : Buffer.alloc(0);
  const sizeBytes = node.kind === "file" ? node.content.sizeBytes : 0;
  const records = Buffer.concat([
    recordOf("path", name, needsRecord(name)),
    recordOf("linkpath", target, needsRecord(target)),
    recordOf("size", Buffer.from(String(sizeBytes)), sizeBytes > maxUstarBytes),
  ]);
  if (records.length > 0) {
    const shared = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
    yield headerOf({
      ...shared,
      type: "x",
      name: Buffer.from("PaxHeader"),
      sizeBytes: records.length,
    });
    yield records;
    yield Buffer.alloc(paddingOf(records.length, blockBytes));
  }
  yield headerOf({ ...node, type: typeOf(node, path), name, target, sizeBytes });
  if (node.kind !== "file") return;
  let missingBytes = sizeBytes;
  for (const piece of node.content.read()) {
    missingBytes -= piece.byteLength;
    if (missingBytes < 0) break;
    yield piece;
  }
  if (missingBytes !== 0) {
    throw new FormatError(readableName(path), "changed its size while it was packed");
  }
  yield Buffer.alloc(paddingOf(sizeBytes, blockBytes));
}

const slash = Buffer.from("/");

/** Source: POSIX, pax, `typeflag`. */
function typeOf(node: TreeNode, path: Uint8Array): string {
  switch (node.kind) {
    case "file":
      return "0";
    case "symlink":
      return "2";
    case "directory":
      return "5";
    case "device":
    case "fifo":
    case "socket":
      throw new FormatError(readableName(path), `is a ${node.kind}, which belongs into no image`);
    default:
      return assertNever(node);
  }
}

function needsRecord(name: Buffer): boolean {
  return name.length > 100 || name.some((byte) => byte > 0x7f);
}

/** `length key=value\n`, whose length counts itself. */
function recordOf(key: string, value: Buffer, isNeeded: boolean): Buffer {
  if (!isNeeded) return Buffer.alloc(0);
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length++;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

interface Header {
  readonly type: string;
  readonly name: Buffer;
  readonly target?: Buffer;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
}

function headerOf({ type, name, target, sizeBytes, mode, uid, gid, mtime }: Header): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.set(name.subarray(0, 100), 0);
  const ids = [mode, uid, gid].map((value) => `${octal(value, 7)}\0`).join("");
  block.write(ids, 100, "latin1");
  const size = sizeBytes > maxUstarBytes ? 0 : sizeBytes;
  block.write(`${octal(size, 11)}\0${octal(mtime, 11)}\0`, 124, "latin1");
  block.write(" ".repeat(8), 148, "latin1"); // The sum is taken with blanks in its place.
  block.write(type, 156, "latin1");
  if (target !== undefined) block.set(target.subarray(0, 100), 157);
  block.write("ustar\0" + "00", 257, "latin1");
  block.write("0000000\0" + "0000000\0", 329, "latin1"); // Device.
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return block;
}

function octal(value: number, digits: number): string {
  const text = value.toString(8).padStart(digits, "0");
  if (text.length > digits) throw new FormatError("tar", `cannot hold the number ${value}`);
  return text;
}
