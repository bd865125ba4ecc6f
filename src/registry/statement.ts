// Texts about an image, as manifests that name it. Source: image-spec, "Artifact Usage".

import { ImageLayout, mediaType } from "../format/image-layout.ts";
import type { BlobDescriptor } from "./manifest.ts";

/** A text, and what it is about. */
export interface Statement {
  readonly artifactType: string;
  readonly text: string;
  /** Of the text's descriptor, and of the manifest, which registries show in lists. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject: BlobDescriptor;
}

/** Writes `statement` into the OCI image layout `directory`; gives the descriptor of its manifest. */
export async function writeStatement(
  { artifactType, text, annotations, subject }: Statement,
  directory: string,
  signal: AbortSignal,
): Promise<BlobDescriptor> {
  const layout = await ImageLayout.open(directory, signal);
  const config = await layout.addJson("application/vnd.oci.empty.v1+json", "{}");
  const layer = await layout.addJson(artifactType, text);
  const about = { mediaType: subject.mediaType, digest: subject.digest, size: subject.size };
  const noted = annotations === undefined ? {} : { annotations };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaType.manifest,
    artifactType,
    config,
    layers: [{ ...layer, ...noted }],
    subject: about,
    ...noted,
  };
  const found = await layout.addJson(mediaType.manifest, JSON.stringify(manifest));
  return { ...found, annotations: {} };
}
