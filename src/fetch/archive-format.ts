// Which archive it is, by its first bytes.

import { closeSync, openSync, readSync } from "node:fs";

import { FetchError } from "./fetch-error.ts";

/** How an archive is packed: one `tar`, and what is around it; or `zip`. */
export type ArchiveFormat = "tar" | "tar.gz" | "tar.xz" | "tar.bz2" | "tar.zst" | "zip";

/** The format of the file `path`. Throws a FetchError unless it is, and is `expected` if given. */
export function checkedFormat(path: string, expected: ArchiveFormat | undefined): ArchiveFormat {
  const start = readStart(path);
  const found = formatOfBytes(start);
  if (found !== undefined && (expected === undefined || found === expected)) return found;
  const is = found === undefined ? shownStart(start) : `a ${found} archive`;
  const wanted = expected === undefined ? "an archive" : `a ${expected} archive`;
  throw new FetchError("unknown-format", `${path} is not ${wanted}, but ${is}`, {
    help: "archives can be tar, tar.gz, tar.xz, tar.bz2, tar.zst and zip",
  });
}

/** The format that `start`, the first 512 bytes, is of; undefined when it is none we know. */
export function formatOfBytes(start: Buffer): ArchiveFormat | undefined {
  const hex = start.subarray(0, 8).toString("hex");
  if (hex.startsWith("1f8b")) return "tar.gz";
  if (hex.startsWith("fd377a585a00")) return "tar.xz";
  if (hex.startsWith("28b52ffd") || /^5.2a4d18/.test(hex)) return "tar.zst";
  if (/^425a683[1-9]/.test(hex)) return "tar.bz2";
  if (hex.startsWith("504b0304") || hex.startsWith("504b0506")) return "zip";
  return isTarHeader(start) ? "tar" : undefined;
}

/** Whether `block` can be the first of a tar archive, of whatever age: by its sum, or its end. */
function isTarHeader(block: Buffer): boolean {
  if (block.byteLength < 512) return false;
  if (block.every((byte) => byte === 0)) return true; // An empty archive is its end mark.
  const noted = Number.parseInt(block.toString("latin1", 148, 156).replaceAll(/[\0 ]/g, ""), 8);
  const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  return sum === noted;
}

function shownStart(start: Buffer): string {
  if (start.byteLength === 0) return "an empty file";
  const text = start.toString("latin1").trimStart().toLowerCase();
  if (/^<(!doctype )?html|^<\?xml/.test(text)) return "a web page";
  return `a file that begins with ${start.subarray(0, 8).toString("hex")}`;
}

function readStart(path: string): Buffer {
  const descriptor = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(512);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, 512, 0));
  } finally {
    closeSync(descriptor);
  }
}
