// Images for urunc: a kernel, its root file system, /urunc.json, and what the image says.

import {
  type ExecPath,
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
import { withDevices } from "./solo5-kernel.ts";
import { textFile } from "./disk-files.ts";
import { type ImageFiles, OpenImages } from "./image-files.ts";

/** What to put into an image, as rules write it. */
export interface ImageRequest {
  /** As Go names it. */
  readonly architecture: string;
  /** Seconds since 1970; 0: the image does not say when it was made. */
  readonly sourceDateEpoch: number;
  /** The image that it goes on from; absent: it starts from nothing. */
  readonly base?: ImageFiles;
  /** The kernel, where it is a file of its own: what it says of itself is held against the facts. */
  readonly kernel?: ExecPath;
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
  version: 1,
  run: async ([output, json], context) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const given = JSON.parse(json) as ImageRequest;
    const { resolve, signal } = context;
    const images = new OpenImages(context);
    try {
      const { base, sourceDateEpoch, ...request } = withDevices(given, context);
      const layers = await layersOf(
        { ...request, sourceDateEpoch, ...(base && { base }) },
        images,
        context,
      );
      const spec = {
        ...request,
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

async function layersOf(
  { base, copies, annotations, sourceDateEpoch: mtime }: ImageRequest,
  images: OpenImages,
  { resolve }: Pick<ProgramContext, "resolve">,
): Promise<readonly (readonly TreeEntry[])[]> {
  // Where files of a user go depends on the directories that are there.
  const isLookedAt = base !== undefined && copies.some(({ name }) => name !== "");
  const tree = isLookedAt ? await images.treeOf(base) : new FileTree();
  const layers: TreeEntry[][] = [];
  for (const copy of copies) layers.push(await copyInto(tree, copy, { resolve, images, mtime }));
  const about = textFile(uruncJsonOf(annotations), mtime);
  return [...layers, [{ path: Buffer.from(uruncJsonPath.slice(1)), node: about }]];
}
