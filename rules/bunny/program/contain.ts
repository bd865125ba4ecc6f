// What a Containerfile built → an image for urunc, with what bunny adds to it.

import {
  type FileTree,
  FormatError,
  type Program,
  type ProgramContext,
  ProgramError,
  type TreeEntry,
  findImage,
  readBaseImage,
  uruncAnnotationsOf,
  uruncJsonOf,
  uruncJsonPath,
  writeContainerImage,
} from "../../../src/index.ts";
import { type Defaults, defaultsFor } from "../containerfile/defaults.ts";
import { factsIn } from "../containerfile/labels.ts";
import { copyInto } from "./copy.ts";
import { textFile } from "./disk-files.ts";
import { type ImageFiles, OpenImages } from "./image-files.ts";
import { devicesOfKernel, kernelIn } from "./kernel-facts.ts";

/** What was built, and what is added, as the plan writes it. */
export interface ContainRequest {
  readonly built: ImageFiles;
  readonly sourceDateEpoch: number;
  readonly urunit?: ImageFiles;
  readonly kernel?: ImageFiles;
}

/** What an image says of itself, and what it lacks. */
export interface Containing {
  readonly labels: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  /** For urunc, by keys without prefix. */
  readonly facts: Readonly<Record<string, string>>;
  readonly defaults: Defaults;
}

/** What `built` says, and what bunny would add. */
export async function containing(
  { layout, architecture }: ImageFiles,
  { resolve, signal }: Pick<ProgramContext, "resolve" | "signal">,
): Promise<Containing> {
  const { start } = await findImage(resolve(layout), { architecture }, signal);
  const { labels, entrypoint } = start;
  const facts = factsIn(labels);
  return { labels, entrypoint, facts, defaults: defaultsFor(facts, labels) };
}

/** Writes an OCI image layout. Arguments: its directory, and a {@link ContainRequest} as JSON. */
export const containProgram: Program = {
  name: "contain",
  version: 3,
  run: async ([output, json], context) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const request = JSON.parse(json) as ContainRequest;
    const { resolve, signal } = context;
    const { built, sourceDateEpoch: mtime } = request;
    const images = new OpenImages(context);
    try {
      const { labels, entrypoint, facts, defaults } = await containing(built, context);
      const tree = await images.treeOf(built);
      const layers = await addedLayers(tree, request, images, context);
      const stated = { ...labels, ...uruncAnnotationsOf({ ...facts, ...defaults.facts }) };
      const devices = devicesOfKernel(kernelIn(tree, stated), stated, context);
      const annotations = { ...stated, ...devices };
      const about = textFile(uruncJsonOf(annotations), mtime);
      const image = {
        architecture: built.architecture,
        base: readBaseImage(resolve(built.layout)),
        annotations,
        labels: {},
        ...(defaults.needsUrunit && { entrypoint: ["/urunit", ...entrypoint] }),
        env: [],
        ...(mtime > 0 && { created: mtime }),
        layers: [...layers, [{ path: Buffer.from(uruncJsonPath.slice(1)), node: about }]],
      };
      await writeContainerImage(resolve(output), image, signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the image cannot be packed: ${error.message}`);
    } finally {
      images.close();
    }
  },
};

/** A layer for each file that is added, which `tree` has afterwards. */
async function addedLayers(
  tree: FileTree,
  { urunit, kernel, sourceDateEpoch: mtime }: ContainRequest,
  images: OpenImages,
  { resolve }: Pick<ProgramContext, "resolve">,
): Promise<readonly (readonly TreeEntry[])[]> {
  const layers: TreeEntry[][] = [];
  const add = async (image: ImageFiles | undefined, path: string): Promise<void> => {
    if (image === undefined) return;
    const copy = { path, image, name: "", to: path, keepsModes: true };
    layers.push(await copyInto(tree, copy, { resolve, images, mtime }));
  };
  await add(urunit, "/urunit");
  await add(kernel, "/.boot/kernel");
  return layers;
}
