// Writes tar archives of trees. Knows no disk.
// Source: POSIX.1-2024, pax, "ustar Interchange Format", "pax Extended Header".

import { assertNever } from "../base/brand.ts";
import type { FileTree, TreeNode } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import type { Owners } from "./newc-tree.ts";
import { paddingOf } from "./newc-header.ts";
import type { PaxRecord } from "./pax-header.ts";
import {
  blockBytes,
  encodeRecords,
  encodeTarHeader,
  maxOctal,
  type TarFacts,
  tarEnd,
} from "./tar-block.ts";
import { checkedPieces } from "./tree-content.ts";

/** What all formats are told besides the tree. */
export interface TreeOptions {
  /** The time of all entries, in whole seconds since 1970. */
  readonly mtime: number;
  readonly owners: Owners;
}

/** How to write tar. */
export interface TarOptions extends TreeOptions {
  /** True for what SquashFS is made of by a program that grumbles at an entry for the root. */
  readonly forSquashfs?: boolean;
}

/**
 * The archive of `tree`, in pieces: the same bytes for the same tree. Paths begin without a dot, in
 * the order of {@link FileTree.walk}, after an entry for the root unless it is `forSquashfs`; of a file
 * with several names the later ones are links to the first. Throws a FormatError for sockets, which
 * tar cannot hold, and for what SquashFS cannot, as its program cuts that off and says nothing.
 */
export function* packTar(tree: FileTree, options: TarOptions): Generator<Uint8Array> {
  const names = new Map<TreeNode, Buffer>();
  if (options.forSquashfs !== true)
    yield* packEntry({ path: Buffer.from("."), node: tree.root, first: undefined }, options);
  for (const { path, node } of tree.walk()) {
    const first = node.kind === "directory" ? undefined : names.get(node);
    if (first === undefined) names.set(node, path);
    if (options.forSquashfs === true) checkForSquashfs(path, node, options);
    yield* packEntry({ path, node, first }, options);
  }
  yield tarEnd();
}

/** Source: Linux, limits.h, NAME_MAX; squashfs_fs.h, where owners have 32 bits. */
function checkForSquashfs(path: Buffer, { uid, gid }: TreeNode, { owners }: TreeOptions): void {
  const nameBytes = path.length - 1 - path.lastIndexOf("/");
  if (nameBytes > 255) throw new FormatError(readableName(path), "has too long a name");
  if (owners === "kept" && Math.max(uid, gid) > 0xffff_ffff) {
    throw new FormatError(readableName(path), "has an owner that SquashFS cannot hold");
  }
}

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
  yield* encodeRecords({ name: "pax", mtime: options.mtime }, records);
  yield encodeTarHeader({ ...facts, ...(node.kind === "device" && { device: node }) });
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

/** What does not fit into the header itself. */
function recordsOf(
  facts: TarFacts & { readonly link: Buffer },
  xattrs: TreeNode["xattrs"],
): PaxRecord[] {
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
