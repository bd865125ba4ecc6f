// What a program of a rule set gets to touch. Knows no action.

import { join } from "node:path";

import type { ProgramContext } from "../rule/program.ts";
import { decompressFor, unpackFor } from "./program-archives.ts";
import { copyTree } from "./tree-copy.ts";

/** For a program whose input root is the absolute `root`. */
export function programContext(
  root: string,
  print: ProgramContext["print"],
  signal: AbortSignal,
): ProgramContext {
  return {
    root,
    resolve: (path) => join(root, path),
    print,
    unpack: (archive, into) => unpackFor(archive, into, signal),
    decompress: (file, into) => decompressFor(file, into, signal),
    copyTree,
    signal,
  };
}
