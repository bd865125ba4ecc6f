// Layers of an image → one directory. Knows no registry and no manifest.

import { closeSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import { FormatError } from "../format/format-error.ts";
import { applyLayers } from "../format/image-tree.ts";
import { errorCode, writeError } from "../store/store-error.ts";
import { writeAll } from "../store/whole-file.ts";
import { checkedFormat } from "./archive-format.ts";
import { decompressed } from "./decompress.ts";
import { throwIfInterrupted } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import { Account, layerLimits, type Limits } from "./limits.ts";
import { layDownTree } from "./tree-directory.ts";
import { defaultSearchPath } from "./unpack.ts";

/** How to unpack an image. */
export interface UnpackLayersOptions {
  /** What errors call the image. */
  readonly name: string;
  /** The absolute path of a directory that is not there yet, for layers that are compressed. */
  readonly spool: string;
  readonly signal: AbortSignal;
  /** By default those of layers. */
  readonly limits?: Partial<Limits>;
}

/**
 * Lays the files that `layers` make, absolute paths of tar archives, the lowest first, down in the
 * directory `into`, which is made if need be. What a layer hides is not there; links are as the
 * image has them, which are not about this machine. Gives the paths that were left out, of
 * devices and the like. Throws a FetchError, a FormatError, or a StoreError of the disk.
 */
export async function unpackLayers(
  layers: readonly string[],
  into: string,
  { name, spool, signal, limits }: UnpackLayersOptions,
): Promise<readonly string[]> {
  const bounds = { ...layerLimits, ...limits };
  const sizeBytes = layers.reduce((sum, layer) => sum + statSync(layer).size, 0);
  try {
    const account = new Account(name, sizeBytes, bounds);
    const plain: string[] = [];
    for (const [i, layer] of layers.entries()) {
      plain.push(await plainLayer(layer, join(spool, String(i)), { account, signal }));
    }
    const { tree, close } = applyLayers(plain);
    try {
      mkdirSync(into, { recursive: true });
      // Counted anew, as a file of a few bytes may be told to have holes without end.
      const own = new Account(name, sizeBytes, bounds);
      return await layDownTree(tree, into, { account: own, signal });
    } finally {
      close();
    }
  } catch (cause) {
    throwIfInterrupted(signal);
    if (cause instanceof FetchError || cause instanceof FormatError) throw cause;
    throw errorCode(cause) === undefined ? cause : writeError(cause, into);
  } finally {
    rmSync(spool, { recursive: true, force: true });
  }
}

/** The path of `layer` as a plain tar: itself, or else `into`. */
async function plainLayer(
  layer: string,
  into: string,
  { account, signal }: { readonly account: Account; readonly signal: AbortSignal },
): Promise<string> {
  const format = checkedFormat(layer, undefined);
  if (format === "tar") return layer;
  if (format === "zip") {
    throw new FetchError("unknown-format", `${layer} is no layer, but a zip archive`);
  }
  mkdirSync(join(into, ".."), { recursive: true });
  const descriptor = openSync(into, "wx");
  try {
    for await (const chunk of decompressed(layer, format, {
      signal,
      searchPath: defaultSearchPath,
    })) {
      account.addBytes(chunk.byteLength);
      writeAll(descriptor, chunk);
    }
  } finally {
    closeSync(descriptor);
  }
  return into;
}
