// The programs that read layers: which names one has, and what several make. Knows no action.

import { readFileSync, writeFileSync } from "node:fs";

import { openArchive } from "../format/archive-bytes.ts";
import { writePieces } from "../format/file-content.ts";
import type { FileTree } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import { readTar } from "../format/tar-archive.ts";
import { openStack } from "../layer/layer.ts";
import { formatNames, nameOfMember } from "../layer/layer-names.ts";
import { type LayerEntries, packLayer } from "../layer/pack-layer.ts";
import { type ProgramContext, ProgramError } from "../rule/program.ts";

/** Writes the names of a layer. Arguments: the layer, the output. */
export async function tellNames(
  [layer, output]: readonly string[],
  { resolve, signal }: ProgramContext,
): Promise<void> {
  if (layer === undefined || output === undefined) throw new Error("bug: arguments are missing");
  const archive = openArchive(resolve(layer), layer);
  try {
    const lines = [...readTar(archive)]
      .map(nameOfMember)
      .filter((line) => !line.startsWith("d . "));
    await writePieces(resolve(output), [Buffer.from(formatNames(lines))], signal);
  } finally {
    archive.close();
  }
}

/** Writes the tree of layers as one tar. Arguments: the output, the layers from the lowest. */
export async function flatten(
  [output, ...layers]: readonly string[],
  { resolve, signal }: ProgramContext,
): Promise<void> {
  if (output === undefined) throw new Error("bug: arguments are missing");
  const stack = openStack(layers.map(resolve));
  try {
    await writePieces(resolve(output), packLayer(entriesOf(stack.tree)), signal);
  } catch (error) {
    throw error instanceof FormatError ? new ProgramError(error.message) : error;
  } finally {
    stack.close();
  }
}

/** All of `tree` as a layer on nothing. */
export function entriesOf(tree: FileTree): LayerEntries {
  const all = [...tree.walk()].map(({ path, node }) => [path.toString("latin1"), node] as const);
  return new Map([[".", tree.root] as const, ...all]);
}

/** Reads JSON that a program has as its argument or input. */
export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Writes `value` as JSON. */
export function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, undefined, 1)}\n`);
}
