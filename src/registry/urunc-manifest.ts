// Images that are for urunc already, under another name, with other arguments, variables or labels.

import { FormatError } from "../format/format-error.ts";
import { type Descriptor, sortedRecord } from "../format/image-config.ts";
import { type ImageLayout, mediaType } from "../format/image-layout.ts";
import { uruncPrefix } from "../format/urunc.ts";
import type { ImageParts } from "./remade-manifest.ts";
import { wholeBytes } from "./whole-blob.ts";
import type { RemakeRequest, SourceImage } from "./remake-image.ts";

/** Whether an image with `labels` says itself how urunc boots it. */
export function isForUrunc(labels: Readonly<Record<string, string>>): boolean {
  return labels[`${uruncPrefix}hypervisor`] !== undefined;
}

/** The manifest of `source` with what `request` changes; all else in its config stays. */
export async function keptManifest(
  { manifest, blobs }: SourceImage,
  { config, layers, platform }: ImageParts,
  { request, layout }: { readonly request: RemakeRequest; readonly layout: ImageLayout },
): Promise<Descriptor> {
  const { content, bytes } = manifest;
  if (content.kind === "index") throw new Error("bug: an index is no image");
  if (request.initrd !== undefined) {
    throw new FormatError(request.initrd, "goes into no image that is made for urunc already");
  }
  const cmdline = `${uruncPrefix}cmdline`;
  const changed = request.args === undefined ? {} : { [cmdline]: request.args.join(" ") };
  const stated = wholeBytes(blobs, content.config.digest).toString("utf8");
  const old = JSON.parse(stated) as OldConfig;
  const { annotations = {} } = JSON.parse(bytes.toString("utf8")) as OldManifest;
  const start = {
    ...old.config,
    ...(config.env.length > 0 && { Env: config.env }),
    ...(config.args.length > 0 && { Cmd: config.args }),
    Labels: sortedRecord({ ...config.labels, ...changed }),
  };
  const json = await layout.addJson(mediaType.config, JSON.stringify({ ...old, config: start }));
  const made = {
    schemaVersion: 2,
    mediaType: mediaType.manifest,
    config: { ...json, platform },
    layers,
    annotations: sortedRecord({ ...annotations, ...changed }),
  };
  const descriptor = await layout.addJson(mediaType.manifest, JSON.stringify(made));
  return { ...descriptor, annotations: made.annotations, platform };
}

interface OldConfig {
  readonly config?: Readonly<Record<string, unknown>>;
}

interface OldManifest {
  readonly annotations?: Readonly<Record<string, string>>;
}
