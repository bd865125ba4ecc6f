// One image that is made anew: what it is made of → its manifest, for KraftKit or for urunc.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { FormatError } from "../format/format-error.ts";
import { type Descriptor, type OciPlatform, sortedRecord } from "../format/image-config.ts";
import { ImageLayout } from "../format/image-layout.ts";
import { addManifest } from "../format/image-manifest.ts";
import type { ImageConfig } from "./image-config.ts";
import { uruncFactsOf, uruncParts } from "./urunc-image.ts";

/** What an image is made of, with what was asked for. */
export interface ImageParts {
  readonly config: ImageConfig;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly platform: OciPlatform;
}

/** Where a manifest for urunc is made. */
export interface UruncMaking {
  /** Of `directory`. */
  readonly layout: ImageLayout;
  readonly directory: string;
  /** Packs a layer as all layers of the image are. */
  readonly pack: (layer: Descriptor) => Descriptor | Promise<Descriptor>;
}

/** Adds the manifest of `parts`, as KraftKit wants it. */
export function kraftManifest(
  { config, layers, annotations, platform }: ImageParts,
  layout: ImageLayout,
): Promise<Descriptor> {
  const { diffIds } = config;
  return addManifest(layout, { platform, command: config, layers, diffIds, annotations });
}

/**
 * Adds the manifest of `parts` for urunc, of the same layers, one more that says what it wants to
 * know, and a platform of containers. Throws a FormatError for what it would not boot.
 */
export async function uruncManifest(
  parts: ImageParts,
  { layout, directory, pack }: UruncMaking,
): Promise<Descriptor> {
  const facts = uruncFactsOf(parts);
  const { text, path, annotations } = uruncParts(facts);
  const file = join(directory, "urunc.json");
  writeFileSync(file, text);
  // By the layout it is known by its file, which each image writes anew.
  const fresh = await ImageLayout.open(directory, new AbortController().signal);
  const layer = await fresh.addLayer(file, path.slice(1));
  const { config } = parts;
  return addManifest(layout, {
    platform: containerPlatformOf(parts.platform),
    command: { ...config, labels: { ...config.labels, ...annotations } },
    layers: [...parts.layers, await pack(layer)],
    diffIds: [...config.diffIds, layer.digest],
    annotations: sortedRecord({ ...parts.annotations, ...annotations }),
  });
}

/** The same manifest, as tools find it that know no platform of unikernels. */
export function aliasOf(manifest: Descriptor): Descriptor {
  const { platform } = manifest;
  if (platform === undefined || platform.os === "linux") return manifest;
  return { ...manifest, platform: containerPlatformOf(platform) };
}

/** As runtimes of containers name it. Throws a FormatError for what they know nothing of. */
function containerPlatformOf({ architecture }: OciPlatform): OciPlatform {
  const name = architecture === "x86_64" ? "amd64" : architecture;
  if (["amd64", "arm64", "arm"].includes(name)) return { architecture: name, os: "linux" };
  throw new FormatError(architecture, "is no architecture that containers are for");
}
