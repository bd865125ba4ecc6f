// Images of one layer, as OCI layout or as what `docker load` takes.

import {
  FileTree,
  FormatError,
  type Program,
  ProgramError,
  type TreeEntry,
  uruncJsonPath,
  writeContainerImage,
  writeDockerArchive,
} from "../../../src/index.ts";
import { type Copy, copyInto } from "./copy.ts";
import { textFile } from "./disk-files.ts";
import { OpenImages } from "./image-files.ts";

/** What to put into an image, as the rule writes it. */
export interface ArchiveRequest {
  readonly form: "oci" | "docker" | "strict";
  readonly name: string;
  readonly tag: string;
  /** As Go names it. */
  readonly architecture: string;
  /** Seconds since 1970; 0: the image does not say when it was made. */
  readonly sourceDateEpoch: number;
  readonly copies: readonly Copy[];
  /** The text of /urunc.json. */
  readonly uruncJson: string;
  /** Of the manifest, and labels of the config. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly cmd: readonly string[];
}

/** Writes an image. Arguments: the layout or archive, and an {@link ArchiveRequest} as JSON. */
export const archiveProgram: Program = {
  name: "archive",
  version: 1,
  run: async ([output, json], context) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const request = JSON.parse(json) as ArchiveRequest;
    const { form, name, tag, architecture, annotations, cmd, sourceDateEpoch } = request;
    const { resolve, signal } = context;
    const images = new OpenImages(context);
    try {
      const layer = await layerOf(request, { resolve, images, mtime: sourceDateEpoch });
      const created = sourceDateEpoch > 0 ? { created: sourceDateEpoch } : {};
      const facts = { architecture, annotations, labels: annotations, cmd, env: [], ...created };
      const image = { ...facts, tag, layers: [layer] };
      if (form === "oci") await writeContainerImage(resolve(output), image, signal);
      else await writeDockerArchive(resolve(output), { ...image, name }, signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the image cannot be packed: ${error.message}`);
    } finally {
      images.close();
    }
  },
};

/** All files, and what tells urunc of them, in the order of their paths. */
async function layerOf(
  { copies, uruncJson }: ArchiveRequest,
  options: Parameters<typeof copyInto>[2],
): Promise<readonly TreeEntry[]> {
  const tree = new FileTree();
  for (const copy of copies) await copyInto(tree, copy, options);
  tree.set(Buffer.from(uruncJsonPath), textFile(uruncJson, options.mtime));
  return [...tree.walk()];
}
