// What is in a directory on disk, by names in the order of their bytes. Knows no digest.

import { type Dirent, readdirSync, readlinkSync } from "node:fs";

import { compareUtf8 } from "../action/utf8-order.ts";
import { StoreError, readError } from "./store-error.ts";

/** An entry of a directory; `other` is a socket, a fifo or a device. */
export interface DirectoryEntry {
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly name: string;
}

/**
 * The entries of the directory `path`, sorted by the bytes of their names. Throws a StoreError:
 * `unnameable` for a name that is not UTF-8, as there is no other way to keep it apart.
 */
export function entriesOf(path: string): DirectoryEntry[] {
  const entries = reading(path, () => readdirSync(path, { withFileTypes: true }));
  if (entries.some(({ name }) => name.includes(replacement))) refuseForeignNames(path);
  return entries
    .map((entry) => ({ kind: kindOf(entry), name: entry.name }))
    .sort((a, b) => compareUtf8(a.name, b.name));
}

/** The text of the symbolic link `path`. Throws a StoreError, `unnameable` if it is not UTF-8. */
export function targetOf(path: string): string {
  const target = reading(path, () => readlinkSync(path));
  if (!target.includes(replacement)) return target;
  const bytes = reading(path, () => readlinkSync(path, "buffer"));
  if (!Buffer.from(target).equals(bytes)) throw new StoreError("unnameable", path);
  return target;
}

/** What Node puts for bytes that are not UTF-8; also a character that a name may really have. */
const replacement = "\ufffd";

function refuseForeignNames(path: string): void {
  for (const name of reading(path, () => readdirSync(path, "buffer"))) {
    const text = name.toString("utf8");
    if (!Buffer.from(text).equals(name)) throw new StoreError("unnameable", `${path}/${text}`);
  }
}

function kindOf(entry: Dirent): DirectoryEntry["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "other";
}

function reading<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw readError(cause, path);
  }
}
