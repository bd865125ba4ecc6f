// What a failed action printed, from its log. Reads no more than marks are worth.

import { closeSync, openSync, readSync } from "node:fs";

import type { ActionFailure } from "../engine/event.ts";

/** The first error of a compiler is what matters, and `make` may print a lot before it. */
const maxBytes = 2 ** 20;

/**
 * The lines that the action printed, of a long log the first and the last ones; the last ones
 * alone when there is no log, or it is gone.
 */
export function printedLines({ logFile, lastLines }: ActionFailure): string[] {
  const last = lastLines.split("\n");
  if (logFile === undefined) return last;
  try {
    const beginning = readBeginning(logFile);
    const lines = beginning.toString().split("\n");
    // The last line of a part may be half of one.
    return beginning.byteLength < maxBytes ? lines : [...lines.slice(0, -1), ...last];
  } catch {
    return last;
  }
}

function readBeginning(file: string): Buffer {
  const bytes = Buffer.alloc(maxBytes);
  const descriptor = openSync(file, "r");
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, maxBytes, 0));
  } finally {
    closeSync(descriptor);
  }
}
