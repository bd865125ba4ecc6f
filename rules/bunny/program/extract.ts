// One file of a container image.

import { chmodSync } from "node:fs";

import { FormatError, type Program, ProgramError, writePieces } from "../../../src/index.ts";
import { OpenImages } from "./image-files.ts";

/** Takes a file out of an image. Arguments: layout, architecture, the path in it, the output. */
export const extractProgram: Program = {
  name: "extract",
  version: 1,
  run: async ([layout, architecture, path, output], context) => {
    if (layout === undefined || architecture === undefined) throw new Error("bug: no image");
    if (path === undefined || output === undefined) throw new Error("bug: no file");
    const { resolve, signal } = context;
    const images = new OpenImages(context);
    try {
      const tree = await images.treeOf({ layout, architecture });
      const node = tree.follow(Buffer.from(path));
      if (node?.kind !== "file") throw new FormatError(path, "is no file of the image");
      await writePieces(resolve(output), node.content.read(), signal);
      if ((node.mode & 0o111) !== 0) chmodSync(resolve(output), 0o755);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the file cannot be had: ${error.message}`, { place: "path" });
    } finally {
      images.close();
    }
  },
};
