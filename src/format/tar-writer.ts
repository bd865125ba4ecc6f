// Writes tar archives of trees. Knows no disk.
// Source: POSIX.1-2024, pax, "ustar Interchange Format", "pax Extended Header".

import { assertNever } from "../base/brand.ts";
import type { FileTree, TreeNode } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import type { Owners } from "./newc-tree.ts";
import { paddingOf } from "./newc-header.ts";
import { type PaxRecord, encodePaxRecord } from "./pax-header.ts";
import { checkedPieces } from "./tree-content.ts";

/** What all formats are told besides the tree. */
export interface TreeOptions {
  /** The time of all entries, in whole seconds since 1970. */
  readonly mtime: number;
  readonly owners: Owners;
}

/**
 * The archive of `tree`, in pieces: the same bytes for the same tree. Paths begin without a dot, in
 * the order of {@link FileTree.walk}, after an entry for the root unless `hasRoot` is false; of a file with several names the
 * later ones are links to the first. Throws a FormatError for sockets, which tar cannot hold.
 */
export function* packTar(
  tree: FileTree,
  options: TreeOptions & { readonly hasRoot?: boolean },
): Generator<Uint8Array> {
  const names = new Map<TreeNode, Buffer>();
  if (options.hasRoot !== false)
    yield* packEntry({ path: Buffer.from("."), node: tree.root, first: undefined }, options);
  for (const { path, node } of tree.walk()) {
    const first = node.kind === "directory" ? undefined : names.get(node);
    if (first === undefined) names.set(node, path);
    yield* packEntry({ path, node, first }, options);
  }
  yield Buffer.alloc(2 * blockBytes);
}

const blockBytes = 512;

interface Member {
  readonly path: Buffer;
  readonly node: TreeNode;
  /** Of several names, the one before. */
  readonly first: Buffer | undefined;
}

function* packEntry(member: Member, options: TreeOptions): Generator<Uint8Array> {
  const { path, node, first } = member;
  const type = first === undefined ? typeOf(path, node) : "1";
  const name = type === "5" ? Buffer.concat([path, Buffer.from("/")]) : path;
  const link = first ?? (node.kind === "symlink" ? Buffer.from(node.target) : Buffer.alloc(0));
  const sizeBytes = type === "0" && node.kind === "file" ? node.content.sizeBytes : 0;
  const { uid, gid } = options.owners === "root" ? { uid: 0, gid: 0 } : node;
  const facts = { name, link, type, mode: node.mode, uid, gid, sizeBytes, mtime: options.mtime };
  const records = recordsOf(facts, first === undefined ? node.xattrs : undefined);
  if (records.length > 0) {
    const bytes = Buffer.concat(records.map(encodePaxRecord));
    const own = Buffer.from("pax");
    const plain = { name: own, link: Buffer.alloc(0), mode: 0o644, uid: 0, gid: 0 };
    yield encodeHeader({ ...plain, type: "x", sizeBytes: bytes.length, mtime: options.mtime });
    yield padded(bytes);
  }
  const device = node.kind === "device" ? node : undefined;
  yield encodeHeader({ ...facts, ...(device && { major: device.major, minor: device.minor }) });
  if (sizeBytes === 0 || node.kind !== "file") return;
  yield* checkedPieces(path, node.content);
  yield Buffer.alloc(paddingOf(sizeBytes, blockBytes));
}

function typeOf(path: Buffer, node: TreeNode): string {
  switch (node.kind) {
    case "file":
      return "0";
    case "symlink":
      return "2";
    case "device":
      return node.type === "character" ? "3" : "4";
    case "directory":
      return "5";
    case "fifo":
      return "6";
    case "socket":
      throw new FormatError(readableName(path), "is a socket, which tar cannot hold");
    default:
      return assertNever(node);
  }
}

interface HeaderFacts {
  readonly name: Buffer;
  readonly link: Buffer;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtime: number;
  readonly major?: number;
  readonly minor?: number;
}

/** What does not fit into the header itself. */
function recordsOf(facts: HeaderFacts, xattrs: TreeNode["xattrs"]): PaxRecord[] {
  const text = (value: number): Buffer => Buffer.from(String(value));
  const records: PaxRecord[] = [];
  if (facts.name.length > 100) records.push(["path", facts.name]);
  if (facts.link.length > 100) records.push(["linkpath", facts.link]);
  if (facts.sizeBytes > maxOctal(11)) records.push(["size", text(facts.sizeBytes)]);
  if (facts.mtime > maxOctal(11)) records.push(["mtime", text(facts.mtime)]);
  if (facts.uid > maxOctal(7)) records.push(["uid", text(facts.uid)]);
  if (facts.gid > maxOctal(7)) records.push(["gid", text(facts.gid)]);
  // Values of the standard names are UTF-8 unless it is said that they are not.
  const isText = records.every(([, value]) => isUtf8(Buffer.from(value)));
  if (!isText) records.unshift(["hdrcharset", Buffer.from("BINARY")]);
  for (const name of [...(xattrs?.keys() ?? [])].sort()) {
    records.push([`SCHILY.xattr.${name}`, xattrs?.get(name) ?? Buffer.alloc(0)]);
  }
  return records;
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString("utf8")).equals(bytes);
}

function encodeHeader(facts: HeaderFacts): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.set(facts.name.subarray(0, 100), 0);
  const octal = (value: number, at: number, digits: number): void => {
    const fitting = value > maxOctal(digits) ? 0 : value;
    block.write(fitting.toString(8).padStart(digits, "0"), at, "latin1");
  };
  octal(facts.mode, 100, 7);
  octal(facts.uid, 108, 7);
  octal(facts.gid, 116, 7);
  octal(facts.sizeBytes, 124, 11);
  octal(facts.mtime, 136, 11);
  block.write(" ".repeat(8), 148, "latin1"); // The sum is taken with blanks in its place.
  block.write(facts.type, 156, "latin1");
  block.set(facts.link.subarray(0, 100), 157);
  block.write("ustar\0" + "00", 257, "latin1");
  octal(facts.major ?? 0, 329, 7);
  octal(facts.minor ?? 0, 337, 7);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function maxOctal(digits: number): number {
  return 8 ** digits - 1;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(paddingOf(bytes.length, blockBytes))]);
}
