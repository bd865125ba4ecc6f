// A file of an image as a layer of its own, as KraftKit makes layers.

import { statSync, writeFileSync } from "node:fs";

import { FormatError, type Program, ProgramError, writeLayer } from "../../../src/index.ts";

/** What a file is to an image. */
export type LayerKind = "kernel" | "initrd";

/** Writes a tar. Arguments: its path, that of the file in it, and its {@link LayerKind}. */
export const layerProgram: Program = {
  name: "layer",
  version: 1,
  run: async ([output, file, kind], { resolve, signal }) => {
    if (output === undefined || file === undefined || (kind !== "kernel" && kind !== "initrd")) {
      throw new Error("bug: arguments are missing");
    }
    // An empty archive stands for a root file system that there is not, and so does an empty layer.
    if (statSync(resolve(file)).size === 0) return writeFileSync(resolve(output), "");
    try {
      await writeLayer(resolve(file), { kind, to: resolve(output) }, signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the layer cannot be made: ${error.message}`);
    }
  },
};
