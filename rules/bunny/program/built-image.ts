// What a Containerfile built, as an image of its own: the layers of the image it begins with, those
// of its instructions, and what it says of how it is started.

import { readFileSync, statSync } from "node:fs";

import {
  type ArchiveBytes,
  type BaseImage,
  type ExecPath,
  FormatError,
  type ImageConfig,
  type Program,
  type ProgramContext,
  ProgramError,
  baseImageOf,
  findImage,
  openArchive,
  packOciLayer,
  writeContainerImage,
  writeTree,
} from "../../../src/index.ts";
import { OpenImages } from "./image-files.ts";

/** What is known of it besides its layers, as the rule writes it. */
export interface BuiltRequest {
  /** As Go names it. */
  readonly architecture: string;
  /** What the image says of itself, as JSON. */
  readonly config: ExecPath;
}

/**
 * Writes an OCI image layout. Arguments: its directory, a {@link BuiltRequest} as JSON, and the
 * layers, of which the lowest may be the layout of an image.
 *
 * Source: bunny 0.0.5, which keeps of a config what OCI has; Docker's own HEALTHCHECK, SHELL and
 * ONBUILD are none of it.
 */
export const builtProgram: Program = {
  name: "built",
  version: 2,
  run: async ([output, json, ...paths], context) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const { architecture, config } = JSON.parse(json) as BuiltRequest;
    const { resolve, signal } = context;
    const archives: ArchiveBytes[] = [];
    try {
      const { base, own } = await layersOf(paths, architecture, context);
      for (const path of own) archives.push(openArchive(resolve(path), path));
      const stated = JSON.parse(readFileSync(resolve(config), "utf8")) as ImageConfig;
      const image = {
        ...startOf(stated),
        architecture,
        ...(base && { base }),
        archives: archives.map(packOciLayer),
        layers: [],
        annotations: {},
      };
      await writeContainerImage(resolve(output), image, signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the image cannot be packed: ${error.message}`);
    } finally {
      for (const archive of archives) archive.close();
    }
  },
};

/** Writes all files of an image as tar. Arguments: the tar, the layout, the architecture, the time. */
export const treeProgram: Program = {
  name: "tree",
  version: 1,
  run: async ([output, layout, architecture, mtime], context) => {
    if (output === undefined || layout === undefined) throw new Error("bug: arguments are missing");
    if (architecture === undefined) throw new Error("bug: arguments are missing");
    const images = new OpenImages(context);
    try {
      const tree = await images.treeOf({ layout, architecture });
      const options = { format: "tar", mtime: Number(mtime), owners: "kept" } as const;
      const to = context.resolve(output);
      await writeTree(tree, to, { ...options, onSkipped: () => undefined }, context.signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the files cannot be packed: ${error.message}`);
    } finally {
      images.close();
    }
  },
};

async function layersOf(
  paths: readonly ExecPath[],
  architecture: string,
  { resolve, signal }: Pick<ProgramContext, "resolve" | "signal">,
): Promise<{ readonly base?: BaseImage; readonly own: readonly ExecPath[] }> {
  const [lowest, ...others] = paths;
  if (lowest === undefined || !statSync(resolve(lowest)).isDirectory()) return { own: paths };
  const { descriptor } = await findImage(resolve(lowest), { architecture }, signal);
  // The config that was built says all that this one says, as far as it still holds.
  return { base: { ...baseImageOf(resolve(lowest), descriptor), start: {} }, own: others };
}

function startOf(config: ImageConfig) {
  const { labels, entrypoint, cmd, env, workingDirectory, user, stopSignal } = config;
  return {
    labels,
    entrypoint,
    cmd,
    env,
    exposed: config.exposed,
    volumes: config.volumes,
    ...(workingDirectory !== "" && { workingDirectory }),
    ...(user !== "" && { user }),
    ...(stopSignal !== "" && { stopSignal }),
  };
}
