// Kernels and their root file systems as an OCI image layout, as KraftKit makes images.

import { readFileSync, statSync } from "node:fs";

import {
  type ExecPath,
  FormatError,
  type ImageTarget,
  type MachineImage,
  type Program,
  type ProgramContext,
  ProgramError,
  startOfImages,
  writeImage,
} from "../../../src/index.ts";

/** What to package, as the rule writes it. */
export interface PackageRequest {
  /** Of the image, such as `nginx` or `registry.example.org/nginx:1.25`. */
  readonly name: string;
  /** Seconds since 1970; 0: the image does not say when it was made. */
  readonly sourceDateEpoch: number;
  /** One gives an image of its own, several an index over them. */
  readonly targets: readonly PackageTarget[];
}

/** One kernel of an image. */
export interface PackageTarget {
  readonly platform: string;
  readonly architecture: string;
  readonly kernel: ExecPath;
  readonly initrd?: ExecPath;
  /** The layers of these, where they are compressed; absent: they are not. */
  readonly layers?: {
    readonly compression: Compression;
    readonly kernel: CompressedLayer;
    readonly initrd?: CompressedLayer;
  };
  /** The resolved `.config`. */
  readonly config?: ExecPath;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What adds to `args` and `env`, the most telling one first; absent: nothing. */
  readonly images?: readonly MachineImage[];
}

/** How layers are compressed. */
export type Compression = "gzip" | "zstd";

/** A layer, as tar and compressed. */
export interface CompressedLayer {
  readonly tar: ExecPath;
  readonly compressed: ExecPath;
}

/** Writes an OCI image layout. Arguments: its directory, and a {@link PackageRequest} as JSON. */
export const packageProgram: Program = {
  name: "package",
  version: 2,
  run: async ([output, json], { resolve, signal }) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const { name, sourceDateEpoch, targets } = JSON.parse(json) as PackageRequest;
    try {
      const spec = {
        kind: targets.length === 1 ? "image" : "index",
        name,
        ...(sourceDateEpoch > 0 && { created: sourceDateEpoch }),
        targets: withNames(targets).map((target) => imageTargetOf(target, resolve)),
      } as const;
      await writeImage(resolve(output), spec, signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the image cannot be packaged: ${error.message}`);
    }
  },
};

type NamedTarget = PackageTarget & { readonly name: string };

/** `targets` with names that no two share: `qemu-x86_64`, `qemu-x86_64-2`. */
function withNames(targets: readonly PackageTarget[]): NamedTarget[] {
  const counts = new Map<string, number>();
  return targets.map((target) => {
    const name = `${target.platform}-${target.architecture}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return { ...target, name: count === 1 ? name : `${name}-${count}` };
  });
}

function imageTargetOf(
  { kernel, initrd, layers, config, images = [], ...rest }: NamedTarget,
  resolve: ProgramContext["resolve"],
): ImageTarget {
  const starting = images.map(({ config: said, givesArgs }) => ({
    text: readFileSync(resolve(said), "utf8"),
    givesArgs,
  }));
  const isThere = (path: ExecPath | undefined): path is ExecPath =>
    path !== undefined && statSync(resolve(path)).size > 0;
  return {
    ...rest,
    ...startOfImages(starting, rest),
    kernel: resolve(kernel),
    ...(layers === undefined
      ? isThere(initrd) && { initrd: resolve(initrd) }
      : { layers: compressedLayers(layers, resolve, isThere) }),
    ...(config !== undefined && { kconfig: readFileSync(resolve(config), "utf8") }),
  };
}

function compressedLayers(
  { compression, kernel, initrd }: NonNullable<PackageTarget["layers"]>,
  resolve: ProgramContext["resolve"],
  isThere: (path: ExecPath) => boolean,
): NonNullable<ImageTarget["layers"]> {
  const found = ({ tar, compressed }: CompressedLayer) => ({
    tar: resolve(tar),
    compressed: resolve(compressed),
    compression,
  });
  return {
    kernel: found(kernel),
    ...(initrd !== undefined && isThere(initrd.tar) && { initrd: found(initrd) }),
  };
}
