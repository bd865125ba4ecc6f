// Images of one layer, as OCI layout or as what `docker load` takes.

import {
  FileTree,
  FormatError,
  type Program,
  type ProgramContext,
  ProgramError,
  uruncJsonOf,
  uruncJsonPath,
  writeContainerImage,
  writeDockerArchive,
} from "../../../src/index.ts";
import { type Copy, copyInto } from "./copy.ts";
import { textFile } from "./disk-files.ts";
import { OpenImages } from "./image-files.ts";
import { devicesOfKernel, kernelIn } from "./kernel-facts.ts";

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
  /** By full keys: annotations of the manifest, and labels of the config. */
  readonly facts: Readonly<Record<string, string>>;
  /** The text of /urunc.json in an image that has it alone; absent: that of all it says. */
  readonly uruncJson?: string;
  readonly cmd: readonly string[];
}

/** Writes an image. Arguments: the layout or archive, and an {@link ArchiveRequest} as JSON. */
export const archiveProgram: Program = {
  name: "archive",
  version: 2,
  run: async ([output, json], context) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const request = JSON.parse(json) as ArchiveRequest;
    const { form, name, tag, architecture, copies, cmd, sourceDateEpoch: mtime } = request;
    const { resolve, signal } = context;
    const images = new OpenImages(context);
    try {
      const tree = new FileTree();
      for (const copy of copies) await copyInto(tree, copy, { resolve, images, mtime });
      const annotations = toldIn(tree, request, context);
      const image = {
        tag,
        architecture,
        ...(mtime > 0 && { created: mtime }),
        annotations,
        labels: annotations,
        cmd,
        env: [],
        layers: [tree.walk()],
      };
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

/** What the image says for urunc, of which /urunc.json is in `tree` afterwards. */
function toldIn(
  tree: FileTree,
  { facts, uruncJson, sourceDateEpoch }: ArchiveRequest,
  context: Pick<ProgramContext, "print">,
): ArchiveRequest["facts"] {
  const devices = devicesOfKernel(kernelIn(tree, facts), facts, context);
  const all = { ...facts, ...devices };
  const text = uruncJson ?? uruncJsonOf(all);
  tree.set(Buffer.from(uruncJsonPath), textFile(text, sourceDateEpoch));
  return uruncJson === undefined ? all : {};
}
