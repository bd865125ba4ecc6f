// A source tree for make to plan with. Knows no plan.

import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { extname, join } from "node:path";

import { type Program, ProgramError } from "../../../src/index.ts";

/**
 * Copies a directory, with empty files in place of sources: planning asks whether they are there,
 * not what is in them, so that it need not be done again for each edit. Arguments: the output, the
 * directory.
 */
export const skeleton: Program = {
  name: "skeleton",
  version: 1,
  run: async ([output, source], { resolve }) => {
    if (output === undefined || source === undefined)
      throw new ProgramError("arguments are missing");
    copy(resolve(source), resolve(output), "");
  },
};

function copy(from: string, to: string, path: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const file = join(from, entry.name);
    const copyOf = join(to, entry.name);
    const below = path === "" ? entry.name : `${path}/${entry.name}`;
    // A link of the sandbox's is absolute, and stands for what it leads to.
    const target = entry.isSymbolicLink() ? readlinkSync(file) : "";
    if (target !== "" && !target.startsWith("/")) {
      symlinkSync(target, copyOf);
      continue;
    }
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isDirectory()) copy(file, copyOf, below);
    else if (stats?.isFile()) {
      if (isOpaque(below, stats.size)) writeFileSync(copyOf, "", { mode: stats.mode & 0o777 });
      else copyFileSync(file, copyOf);
    }
  }
}

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
