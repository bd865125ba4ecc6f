// A source tree for make to plan with. Knows no plan.

import { extname } from "node:path";

import { type Program, ProgramError } from "../../../src/index.ts";

/**
 * Copies a directory, with empty files in place of sources: planning asks whether they are there,
 * not what is in them, so that it need not be done again for each edit. Arguments: the output, the
 * directory.
 */
export const skeleton: Program = {
  name: "skeleton",
  version: 1,
  run: async ([output, source], { resolve, copyTree }) => {
    if (output === undefined || source === undefined)
      throw new ProgramError("arguments are missing");
    copyTree(resolve(source), resolve(output), isOpaque);
  },
};

/** Whether planning asks of the file at `path` no more than whether it is there. */
function isOpaque(path: string, sizeBytes: number): boolean {
  // The tools that resolve options are built from sources.
  if (/(^|\/)support\//.test(path)) return false;
  return sourceExtensions.has(extname(path)) || sizeBytes > maxScriptBytes;
}

const sourceExtensions = new Set(
  ".c .cc .cpp .cxx .h .hh .hpp .inc .S .s .asm .rs .go .md .rst .txt .svg .png .cpio .o .a".split(
    " ",
  ),
);

/** No makefile or script is larger, and none reads a file that is. */
const maxScriptBytes = 512 * 1024;
