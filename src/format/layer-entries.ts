// A layer of many files, as tar. Knows no image.
//
// Apart from tar-writer.ts, as the digests of images that there are depend on its bytes: entries have
// times of their own here, and names that are no ASCII a record each.

import { assertNever } from "../base/brand.ts";
import type { TreeEntry, TreeNode } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import { paddingOf } from "./newc-header.ts";
import type { PaxRecord } from "./pax-header.ts";
import { blockBytes, encodeRecords, encodeTarHeader, maxOctal, tarEnd } from "./tar-block.ts";

/**
 * The uncompressed tar of `entries`, in pieces: the same bytes for the same entries. Names that
 * no plain header holds get records of PAX, those that are no UTF-8 stand as they are. Throws a
 * FormatError for what is in no layer, and for a file that changes while it is packed.
 *
 * Source: POSIX, pax: "ustar Interchange Format", "pax Extended Header".
 */
export function* packEntries(entries: Iterable<TreeEntry>): Generator<Uint8Array> {
  for (const entry of entries) yield* packEntry(entry);
  yield tarEnd();
}

function* packEntry({ path, node }: TreeEntry): Generator<Uint8Array> {
  const name = node.kind === "directory" ? Buffer.concat([path, slash]) : path;
  const target = node.kind === "symlink" ? Buffer.from(node.target) : Buffer.alloc(0);
  const sizeBytes = node.kind === "file" ? node.content.sizeBytes : 0;
  const records: PaxRecord[] = [];
  if (needsRecord(name)) records.push(["path", name]);
  if (needsRecord(target)) records.push(["linkpath", target]);
  if (sizeBytes > maxOctal(11)) records.push(["size", Buffer.from(String(sizeBytes))]);
  yield* encodeRecords({ name: "PaxHeader" }, records);
  const { mode, uid, gid, mtime } = node;
  const unfit =
    [uid, gid].find((id) => id > maxOctal(7)) ?? (mtime > maxOctal(11) ? mtime : undefined);
  if (unfit !== undefined) {
    throw new FormatError(
      readableName(path),
      `has the number ${unfit}, which its layer cannot hold`,
    );
  }
  const type = typeOf(node, path);
  yield encodeTarHeader({ name, link: target, type, mode, uid, gid, mtime, sizeBytes });
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
