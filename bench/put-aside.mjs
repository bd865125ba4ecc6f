// Makes room for another run without removing what the last one left.

import { existsSync, mkdirSync, mkdtempSync, renameSync } from "node:fs";
import { join } from "node:path";

/**
 * Moves what is at `path`, if anything is, into the directory `aside` of the same file system. Where
 * thousands of files were removed a moment ago, a file system makes others slowly, for everybody.
 * @param {string} path
 * @param {string} aside
 */
export function putAside(path, aside) {
  if (!existsSync(path)) return;
  mkdirSync(aside, { recursive: true });
  renameSync(path, join(mkdtempSync(join(aside, "run-")), "old"));
}
