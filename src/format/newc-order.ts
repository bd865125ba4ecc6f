// The order of entries in an archive. Knows no bytes but those of paths.

import { FormatError, readableName } from "./format-error.ts";
import { maxNameBytes } from "./newc-header.ts";

/**
 * Compares paths by the bytes of their parts, so that a directory stands directly before what is
 * in it, and is finished before its neighbour: `a`, `a/b`, `a-b`.
 */
export function compareNewcPaths(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return rankOf(a[i]!) - rankOf(b[i]!);
  }
  return a.length - b.length;
}

/** Sees to it that paths come in order, once, and below directories that came before. */
export class NewcOrder {
  #last: Uint8Array = Buffer.alloc(0);
  /** The directories around the last path, the outermost first. */
  readonly #open: Buffer[] = [];

  /** Throws a FormatError unless `path` may come now. It is remembered, and must stay as it is. */
  check(path: Uint8Array, kind: "directory" | "file" | "symlink"): void {
    const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
    const fault = faultOfPath(bytes) ?? this.#faultOfPlace(bytes);
    if (fault !== undefined) throw new FormatError(readableName(path), fault);
    this.#last = bytes;
    if (kind === "directory") this.#open.push(bytes);
  }

  #faultOfPlace(path: Buffer): string | undefined {
    const order = compareNewcPaths(this.#last, path);
    if (order === 0) return "is in the archive twice";
    if (order > 0) return `comes too late, after ${readableName(this.#last)}`;
    while (this.#open.length > 0 && !isBelow(path, this.#open.at(-1)!)) this.#open.pop();
    const parent = path.subarray(0, Math.max(0, path.lastIndexOf(slash)));
    const open = this.#open.at(-1) ?? root;
    // Neither Linux nor Unikraft makes directories that no entry stands for.
    return open.equals(parent) ? undefined : "is in a directory that the archive lacks";
  }
}

function faultOfPath(path: Buffer): string | undefined {
  if (path.length === 0) return "(an empty path) is no path in an archive";
  if (path.includes(0)) return "has a NUL in its path";
  if (path.length + "./\0".length > maxNameBytes) return "has too long a path for CPIO";
  // As ./TRAILER!!! it would not end the archive, but those who read it may drop the dot first.
  if (path.equals(reserved)) return "has the name that ends an archive";
  const parts = path.toString("latin1").split("/");
  const isPlain = parts.every((part) => part !== "" && part !== "." && part !== "..");
  return isPlain ? undefined : "is not a plain path from the archive's root";
}

function isBelow(path: Buffer, directory: Buffer): boolean {
  const { length } = directory;
  return path[length] === slash && path.subarray(0, length).equals(directory);
}

const slash = 0x2f;
const root = Buffer.alloc(0);
const reserved = Buffer.from("TRAILER!!!");

function rankOf(byte: number): number {
  return byte === slash ? -1 : byte;
}
