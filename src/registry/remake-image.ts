// Images → images of another name, with other arguments or files, for other tools; layers are shared.

import type { Packing } from "../fetch/compress.ts";
import { annotationsOf, namesOf, wellKnown } from "../format/image.ts";
import { type Descriptor, type OciPlatform, sortedRecord } from "../format/image-config.ts";
import { ImageLayout, indexJsonOf, mediaType } from "../format/image-layout.ts";
import { formatReference, type RegistryReference } from "./reference.ts";
import { type BlobPaths, blobsIn, partsOf } from "./layout.ts";
import type { BlobDescriptor } from "./manifest.ts";
import { readImageConfig } from "./image-config.ts";
import type { StoredManifest } from "./put-manifest.ts";
import { packedLayer, type PackingPlace } from "./packed-layer.ts";
import { aliasOf, type ImageParts, kraftManifest, uruncManifest } from "./remade-manifest.ts";
import { isForUrunc, keptManifest } from "./urunc-manifest.ts";
import { bringBlob } from "./whole-blob.ts";

/** An image to go on from. */
export interface SourceImage {
  readonly manifest: StoredManifest;
  readonly blobs: BlobPaths;
  /** As {@link StoredImage} has it. */
  readonly isForeign?: true;
}

/** What to make of images. */
export interface RemakeRequest {
  readonly images: readonly SourceImage[];
  /** With a tag. */
  readonly reference: RegistryReference;
  /** Who is to boot them: KraftKit, urunc, or both. */
  readonly as: "kraft" | "urunc" | "both";
  /** In place of those that an image has; absent: its own. */
  readonly args?: readonly string[];
  /** `K=V` each; they win over those of the image. */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** A root file system in place of the image's, as an absolute path. */
  readonly initrd?: string;
  /** Seconds since 1970; absent: the image does not say. */
  readonly created?: number;
  /** How layers are packed; absent: as they are. */
  readonly packing?: Packing | "none";
  /** Whether each image has, in the index, the platform of containers with its architecture, too. */
  readonly hasAliases: boolean;
  /** Entries of an index to keep beside those that are made, unless these are for their platform. */
  readonly others: readonly Descriptor[];
  /** Where these are. */
  readonly otherBlobs: BlobPaths;
}

/**
 * Writes an index over what `request` asks for into the OCI image layout in the directory of
 * `workshop`, and gives its descriptor. Throws a FormatError for images that cannot be made so.
 */
export async function remakeImages(
  request: RemakeRequest,
  workshop: Omit<PackingPlace, "layout">,
): Promise<BlobDescriptor> {
  const { directory, signal } = workshop;
  const layout = await ImageLayout.open(directory, signal);
  const making = { ...workshop, request, layout };
  const pack = (layer: Descriptor) => packed(layer, making);
  const manifests: Descriptor[] = [];
  for (const image of request.images) {
    const parts = await partsFor(image, making);
    if (isForUrunc(parts.config.labels)) {
      manifests.push(await keptManifest(image, parts, { request, layout, pack }));
      continue;
    }
    if (request.as !== "urunc") manifests.push(await kraftManifest(parts, layout));
    if (request.as !== "kraft") addOnce(manifests, await uruncManifest(parts, { ...making, pack }));
  }
  if (request.hasAliases) {
    const aliases = manifests.map(aliasOf);
    for (const one of aliases) addOnce(manifests, one);
  }
  const kept = request.others.filter((one) => {
    return !manifests.some(({ platform }) => isSame(platform, one.platform));
  });
  for (const other of kept) await bringParts(other, request.otherBlobs, directory);
  const all = [...kept, ...manifests];
  const annotations = namesOf(imageNameOf(request.reference));
  const index = await layout.addJson(mediaType.index, indexJsonOf(all, annotations));
  const name = { "org.opencontainers.image.ref.name": formatReference(request.reference) };
  await layout.finish([{ ...index, annotations: name }], {});
  return { ...index, annotations: name };
}

/** One of an architecture: that is all that runtimes of containers tell apart. */
function addOnce(manifests: Descriptor[], one: Descriptor): void {
  if (!manifests.some(({ platform }) => isSame(platform, one.platform))) manifests.push(one);
}

async function bringParts(
  { mediaType: type, digest, size }: Descriptor,
  paths: BlobPaths,
  directory: string,
): Promise<void> {
  const root = { mediaType: type, digest, size, annotations: {} };
  const { blobs, manifests } = partsOf(paths, root);
  for (const one of [...blobs, ...manifests.map(({ descriptor }) => descriptor)]) {
    await bringBlob(paths, one.digest, { to: blobsIn(directory)(one.digest), isOwn: true });
  }
}

interface Making extends PackingPlace {
  readonly request: RemakeRequest;
}

function packed(layer: Descriptor, making: Making): Descriptor | Promise<Descriptor> {
  const { packing } = making.request;
  return packing === undefined ? layer : packedLayer(layer, packing, making);
}

async function partsFor(
  { manifest, blobs, isForeign }: SourceImage,
  making: Making,
): Promise<ImageParts> {
  const { request, layout, directory } = making;
  const { content } = manifest;
  if (content.kind === "index") throw new Error("bug: an index is no image");
  const old = readImageConfig(blobs, content.config.digest);
  const isInitrd = ({ annotations }: BlobDescriptor) => wellKnown.initrd.annotation in annotations;
  const kept = content.layers.filter((one) => request.initrd === undefined || !isInitrd(one));
  for (const { digest } of kept) {
    const place = { to: blobsIn(directory)(digest), isOwn: isForeign !== true };
    await bringBlob(blobs, digest, place);
  }
  const layers: Descriptor[] = [];
  for (const layer of kept) layers.push(await packed({ ...layer }, making));
  const diffIds = old.diffIds.filter((_, i) => kept.includes(content.layers[i]!));
  if (request.initrd !== undefined) {
    const { path, annotation } = wellKnown.initrd;
    const layer = await layout.addLayer(request.initrd, path.slice(1));
    layers.push(await packed({ ...layer, annotations: { [annotation]: path } }, making));
    diffIds.push(layer.digest);
  }
  const config = {
    ...old,
    diffIds,
    args: request.args ?? old.args,
    env: mergedEnv(old.env, request.env),
    labels: { ...old.labels, ...request.labels },
  };
  const version = old.platform["os.version"];
  const reference = imageNameOf(request.reference);
  const annotations = {
    ...annotationsOf(reference, request.created),
    ...(version !== undefined && { "org.unikraft.kernel.version": version }),
  };
  return { config, layers, annotations: sortedRecord(annotations), platform: old.platform };
}

/** Of two values of a variable the later counts; each stays where it was first named. */
function mergedEnv(old: readonly string[], more: readonly string[]): readonly string[] {
  const values = new Map<string, string>();
  for (const one of [...old, ...more]) values.set(one.replace(/=.*$/s, ""), one);
  return [...values.values()];
}

function imageNameOf({ registry, repository, tag = "latest" }: RegistryReference) {
  return { repository: `${registry}/${repository}`, tag };
}

function isSame(a: OciPlatform | undefined, b: OciPlatform | undefined): boolean {
  const key = (one: OciPlatform | undefined) => [one?.os, one?.architecture, one?.["os.features"]];
  return JSON.stringify(key(a)) === JSON.stringify(key(b));
}
