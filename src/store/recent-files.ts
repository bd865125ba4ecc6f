// Small files that were hashed a moment ago: who keeps a copy of them need not read them again.

import { Recent } from "../base/recent.ts";
import type { Digest } from "../digest/digest.ts";

/** Takes note of the bytes of a file, which are copied, unless they are many. */
export function noteHashed(digest: Digest, bytes: Uint8Array): void {
  if (bytes.byteLength <= maxBytes) recent.keep(digest.slice(0, nameLength), Buffer.from(bytes));
}

/** The bytes whose SHA-256 begins with the 32 hex digits `name`; undefined when they are not known. */
export function hashedBytesOf(name: string): Buffer | undefined {
  return recent.of(name);
}

const nameLength = 32;

/** Most that people write by hand; all of them together are half a MiB. */
const maxBytes = 2048;

/** More than actions are under way between a look at their sources and their end. */
const recent = new Recent<Buffer>(256);
