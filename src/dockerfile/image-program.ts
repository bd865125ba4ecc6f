// The program that makes an image of a layout into one layer and its config.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { writePieces } from "../format/file-content.ts";
import { FormatError } from "../format/format-error.ts";
import { applyLayers, findImage } from "../format/image-tree.ts";
import { formatNames, nameOfEntry } from "../layer/layer-names.ts";
import { packLayer } from "../layer/pack-layer.ts";
import { type ProgramContext, ProgramError } from "../rule/program.ts";
import { entriesOf, writeJson } from "./layer-programs.ts";
import { configOfImage } from "./image-config.ts";
import { plainTarOf } from "./plain-tar.ts";

/** Arguments: the layout, the architecture, and the outputs: the layer, its names, the config. */
export async function openImage(args: readonly string[], context: ProgramContext): Promise<void> {
  const [layout, architecture, layer, names, config] = args;
  if (layout === undefined || architecture === undefined || layer === undefined) {
    throw new Error("bug: arguments are missing");
  }
  if (names === undefined || config === undefined) throw new Error("bug: arguments are missing");
  const { resolve, signal, root } = context;
  const scratch = mkdtempSync(join(root, ".image-"));
  try {
    const image = await findImage(resolve(layout), { architecture }, signal);
    writeJson(resolve(config), configOfImage(image.config));
    const layers: string[] = [];
    for (const [i, path] of image.layers.entries()) {
      layers.push(await plainTarOf(path, join(scratch, String(i)), signal));
    }
    const { tree, close } = applyLayers(layers);
    try {
      const entries = entriesOf(tree);
      await writePieces(resolve(layer), packLayer(entries), signal);
      const lines = [...entries].flatMap(([path, entry]) =>
        path === "." ? [] : nameOfEntry(path, entry),
      );
      await writePieces(resolve(names), [Buffer.from(formatNames(lines))], signal);
    } finally {
      close();
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ProgramError(`the image ${layout} cannot be read: ${error.message}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
