import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

import { copyTree } from "../../../../src/engine/tree-copy.ts";
import type { Program } from "../../../../src/index.ts";

/** Runs `program` in the input root `root`, as the engine does; gives what it printed. */
export async function runProgram(
  program: Program,
  root: string,
  args: readonly string[],
  { output, signal = new AbortController().signal }: { output: string; signal?: AbortSignal },
): Promise<string[]> {
  mkdirSync(dirname(join(root, output)), { recursive: true });
  const lines: string[] = [];
  const resolve = (path: string): string => join(root, path);
  const print = (line: string): void => void lines.push(line);
  const unpack = () => Promise.reject(new Error("there are no archives here"));
  const decompress = async (file: string, into: string): Promise<void> => {
    writeFileSync(into, gunzipSync(readFileSync(file)));
  };
  await program.run(args, { root, resolve, print, unpack, decompress, copyTree, signal });
  return lines;
}
