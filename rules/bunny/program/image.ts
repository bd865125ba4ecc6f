// Images for urunc: a kernel, its root file system, /urunc.json, and what the image says.

import {
  FileTree,
  FormatError,
  type Program,
  type ProgramContext,
  ProgramError,
  type TreeEntry,
  readBaseImage,
  uruncJsonOf,
  uruncJsonPath,
  writeContainerImage,
} from "../../../src/index.ts";
import { type Copy, copyInto } from "./copy.ts";
import { textFile } from "./disk-files.ts";
import { type ImageFiles, OpenImages } from "./image-files.ts";
import { devicesOfKernel, hasKernel, kernelIn } from "./kernel-facts.ts";

/** What to put into an image, as rules write it. */
export interface ImageRequest {
  /** As Go names it. */
  readonly architecture: string;
  /** Seconds since 1970; 0: the image does not say when it was made. */
  readonly sourceDateEpoch: number;
  /** The image that it goes on from; absent: it starts from nothing. */
  readonly base?: ImageFiles;
  /** A layer each, the lowest first; /urunc.json comes on top. */
  readonly copies: readonly Copy[];
  /** Of the manifest, and of /urunc.json. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env: readonly string[];
}

/** Writes an OCI image layout. Arguments: its directory, and an {@link ImageRequest} as JSON. */
export const imageProgram: Program = {
  name: "image",
  version: 2,
  run: async ([output, json], context) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const { base, sourceDateEpoch, ...request } = JSON.parse(json) as ImageRequest;
    const { resolve, signal } = context;
    const images = new OpenImages(context);
    try {
      const parts = { ...request, sourceDateEpoch, ...(base && { base }) };
      const { layers, devices } = await partsOf(parts, images, context);
      const spec = {
        ...request,
        annotations: { ...request.annotations, ...devices },
        labels: { ...request.labels, ...devices },
        layers,
        ...(sourceDateEpoch > 0 && { created: sourceDateEpoch }),
        ...(base && { base: readBaseImage(resolve(base.layout)) }),
      };
      await writeContainerImage(resolve(output), spec, signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the image cannot be packed: ${error.message}`);
    } finally {
      images.close();
    }
  },
};

interface Parts {
  readonly layers: readonly (readonly TreeEntry[])[];
  /** What the kernel adds to what urunc is told. */
  readonly devices: Readonly<Record<string, string>>;
}

async function partsOf(
  { base, copies, annotations, sourceDateEpoch: mtime }: ImageRequest,
  images: OpenImages,
  context: Pick<ProgramContext, "resolve" | "print">,
): Promise<Parts> {
  const { resolve } = context;
  // Where files of a user go depends on the directories that are there.
  const isLookedAt = base !== undefined && copies.some(({ name }) => name !== "");
  const copied = isLookedAt ? await images.treeOf(base) : new FileTree();
  const layers: TreeEntry[][] = [];
  for (const copy of copies) layers.push(await copyInto(copied, copy, { resolve, images, mtime }));
  // A kernel that is not among what is copied is one of the base.
  const isOfBase = base !== undefined && !hasKernel(copied, annotations);
  const tree = isOfBase ? await images.treeOf(base) : copied;
  const devices = devicesOfKernel(kernelIn(tree, annotations), annotations, context);
  const about = textFile(uruncJsonOf({ ...annotations, ...devices }), mtime);
  const top = { path: Buffer.from(uruncJsonPath.slice(1)), node: about };
  return { layers: [...layers, [top]], devices };
}
