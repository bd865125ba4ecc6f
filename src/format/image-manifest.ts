// Configs and manifests of images, into a layout. Knows no kernel.

import {
  type Descriptor,
  imageConfigOf,
  type ImageCommand,
  type OciPlatform,
} from "./image-config.ts";
import { type ImageLayout, mediaType } from "./image-layout.ts";

/** What one image is made of. */
export interface ManifestParts {
  readonly platform: OciPlatform;
  readonly command: ImageCommand;
  /** In the layout already, the lowest first. */
  readonly layers: readonly Descriptor[];
  /** Of the content of each layer, however it is packed. */
  readonly diffIds: readonly string[];
  /** Of the manifest, in their order. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Adds the config and the manifest of an image to `layout`; gives what an index says of it. */
export async function addManifest(
  layout: ImageLayout,
  { platform, command, layers, diffIds, annotations }: ManifestParts,
): Promise<Descriptor> {
  const text = imageConfigOf(platform, command, diffIds);
  const config = await layout.addJson(mediaType.config, text);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaType.manifest,
    config: { ...config, platform },
    layers,
    annotations,
  };
  const descriptor = await layout.addJson(mediaType.manifest, JSON.stringify(manifest));
  return { ...descriptor, annotations, platform };
}
