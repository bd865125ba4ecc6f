// What a file of any size begins with.

import { closeSync, openSync, readSync } from "node:fs";

/** The first 4 KiB of `file` as text. Throws what Node does. */
export function beginningOf(file: string): string {
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(4096);
    return buffer.toString("utf8", 0, readSync(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}
