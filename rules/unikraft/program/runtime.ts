// The kernel of an image of a registry, with what it brings along.
// Source: kraftkit.md §5.2.

import { createReadStream, createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import {
  applyLayers,
  configOfImage,
  findImage,
  FormatError,
  type Program,
  type ProgramContext,
  ProgramError,
  writePieces,
} from "../../../src/index.ts";

/** Where an image has its kernel. */
const kernelPath = "unikraft/bin/kernel";
/** Where it has its root file system, if it has one. */
const initrdPath = "unikraft/bin/initrd";

/**
 * Takes the kernel out of an image. Arguments: layout, platform and architecture; and the files to
 * write: kernel, options, what the image says of itself as an `ImageConfig`, and, unless nobody
 * wants it, its root file system, which is empty when it has none.
 */
export const runtimeProgram: Program = {
  name: "runtime",
  version: 2,
  run: async ([layout, os, architecture, kernel, options, said, initrd], context) => {
    if (layout === undefined || os === undefined || architecture === undefined) {
      throw new Error("bug: no image is named");
    }
    if (kernel === undefined || options === undefined || said === undefined) {
      throw new Error("bug: no output is named");
    }
    const { resolve, signal } = context;
    try {
      const image = await findImage(resolve(layout), { os, architecture }, signal);
      await writeFiles(image.layers, { kernel, initrd }, context);
      writeFileSync(resolve(options), optionsOf(image.config));
      writeFileSync(resolve(said), JSON.stringify(configOfImage(image.config)));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the runtime cannot be used: ${error.message}`);
    }
  },
};

/** The options that the kernel was made with, a line each. */
function optionsOf(config: Readonly<Record<string, unknown>>): string {
  const features = config["os.features"];
  const all = Array.isArray(features) ? features : [];
  return all.map((feature) => `${String(feature)}\n`).join("");
}

async function writeFiles(
  layers: readonly string[],
  to: { readonly kernel: string; readonly initrd: string | undefined },
  { root, resolve, signal }: Pick<ProgramContext, "root" | "resolve" | "signal">,
): Promise<void> {
  const plain: string[] = [];
  for (const [i, layer] of layers.entries()) {
    plain.push(await plainTar(layer, join(root, `.layer-${i}`), signal));
  }
  const { tree, close } = applyLayers(plain);
  try {
    const node = tree.follow(Buffer.from(kernelPath));
    if (node?.kind !== "file") {
      throw new FormatError(
        "the image",
        `has no kernel at /${kernelPath}: it is none for Unikraft`,
      );
    }
    await writePieces(resolve(to.kernel), node.content.read(), signal);
    if (to.initrd === undefined) return;
    const initrd = tree.follow(Buffer.from(initrdPath));
    const pieces = initrd?.kind === "file" ? initrd.content.read() : [];
    await writePieces(resolve(to.initrd), pieces, signal);
  } finally {
    close();
  }
}

/** The layer `file` as a tar that can be read anywhere: itself, or `to`, where it is unpacked. */
async function plainTar(file: string, to: string, signal: AbortSignal): Promise<string> {
  const magic = readFileSync(file).subarray(0, 2).toString("hex");
  if (magic !== "1f8b") return file;
  await pipeline(createReadStream(file), createGunzip(), createWriteStream(to), { signal });
  return to;
}
