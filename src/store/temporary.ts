// Names for files that are not whole yet. Knows not what is in them.

import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";

import { pathBelow } from "../base/path-below.ts";
import { writeError } from "./store-error.ts";

/** Makes names that no other process uses, in a directory of the store's file system. */
export interface Temporary {
  /** Where they are. */
  readonly directory: string;
  /** A fresh path below the directory: nothing is there, and nobody else will put a file there. */
  readonly path: () => string;
}

/** Temporary files in `directory`, made when missing; a StoreError when that is impossible. */
export function openTemporary(directory: string): Temporary {
  makeDirectory(directory);
  // No process id in the name: two containers can share both the directory and the id.
  const prefix = randomBytes(9).toString("hex");
  let count = 0;
  return { directory, path: () => pathBelow(directory, `${prefix}-${count++}`) };
}

/** Makes `directory` and what is above it when missing. Throws a StoreError. */
export function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw writeError(cause, directory);
  }
}
