// Images → images of another name, with other arguments or files, for other tools; layers are shared.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { FormatError } from "../format/format-error.ts";
import { annotationsOf, namesOf, wellKnown } from "../format/image.ts";
import { type Descriptor, type OciPlatform, sortedRecord } from "../format/image-config.ts";
import { ImageLayout, indexJsonOf, mediaType } from "../format/image-layout.ts";
import { formatReference, type RegistryReference } from "./reference.ts";
import { linkOrCopy } from "./link-or-copy.ts";
import { type BlobPaths, blobsIn, partsOf } from "./layout.ts";
import type { BlobDescriptor } from "./manifest.ts";
import { type ImageConfig, readImageConfig } from "./image-config.ts";
import type { StoredManifest } from "./put-manifest.ts";
import { uruncFactsOf, uruncParts } from "./urunc-image.ts";

/** An image to go on from. */
export interface SourceImage {
  readonly manifest: StoredManifest;
  readonly blobs: BlobPaths;
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
  /** Entries of an index to keep beside those that are made, unless these are for their platform. */
  readonly others: readonly Descriptor[];
  /** Where these are. */
  readonly otherBlobs: BlobPaths;
}

/**
 * Writes an index over what `request` asks for into the OCI image layout `directory`, and gives its
 * descriptor. Throws a FormatError for images that cannot be made so.
 */
export async function remakeImages(
  request: RemakeRequest,
  directory: string,
  signal: AbortSignal,
): Promise<BlobDescriptor> {
  const layout = await ImageLayout.open(directory, signal);
  const manifests: Descriptor[] = [];
  for (const image of request.images) {
    const parts = await partsFor(image, { request, layout, directory });
    if (request.as !== "urunc") manifests.push(await kraftManifest(parts, layout));
    if (request.as === "kraft") continue;
    const urunc = await uruncManifest(parts, { request, layout, directory });
    // One of an architecture: that is all that runtimes of containers tell apart.
    if (!manifests.some(({ platform }) => isSame(platform, urunc.platform))) manifests.push(urunc);
  }
  const kept = request.others.filter((one) => {
    return !manifests.some(({ platform }) => isSame(platform, one.platform));
  });
  for (const other of kept) copyParts(other, request.otherBlobs, directory);
  const all = [...kept, ...manifests];
  const annotations = namesOf(imageNameOf(request.reference));
  const index = await layout.addJson(mediaType.index, indexJsonOf(all, annotations));
  const name = { "org.opencontainers.image.ref.name": formatReference(request.reference) };
  await layout.finish([{ ...index, annotations: name }], {});
  return { ...index, annotations: name };
}

function copyParts(
  { mediaType: type, digest, size }: Descriptor,
  paths: BlobPaths,
  directory: string,
): void {
  const root = { mediaType: type, digest, size, annotations: {} };
  const { blobs, manifests } = partsOf(paths, root);
  for (const one of [...blobs, ...manifests.map(({ descriptor }) => descriptor)]) {
    linkOrCopy(paths(one.digest), blobsIn(directory)(one.digest));
  }
}

/** What an image is made of, with what was asked for. */
export interface ImageParts {
  readonly config: ImageConfig;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly platform: OciPlatform;
}

interface Making {
  readonly request: RemakeRequest;
  readonly layout: ImageLayout;
  readonly directory: string;
}

async function partsFor({ manifest, blobs }: SourceImage, making: Making): Promise<ImageParts> {
  const { request, layout, directory } = making;
  const { content } = manifest;
  if (content.kind === "index") throw new Error("bug: an index is no image");
  const old = readImageConfig(blobs(content.config.digest));
  const isInitrd = ({ annotations }: BlobDescriptor) => wellKnown.initrd.annotation in annotations;
  const kept = content.layers.filter((one) => request.initrd === undefined || !isInitrd(one));
  for (const { digest } of kept) linkOrCopy(blobs(digest), blobsIn(directory)(digest));
  const layers: Descriptor[] = kept.map((layer) => ({ ...layer }));
  const diffIds = old.diffIds.filter((_, i) => kept.includes(content.layers[i]!));
  if (request.initrd !== undefined) {
    const { path, annotation } = wellKnown.initrd;
    const layer = await layout.addLayer(request.initrd, path.slice(1));
    layers.push({ ...layer, annotations: { [annotation]: path } });
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

async function kraftManifest(
  { config, layers, annotations, platform }: ImageParts,
  layout: ImageLayout,
): Promise<Descriptor> {
  const { args, env, labels, diffIds } = config;
  const json = {
    ...platform,
    config: startOf({ args, env, labels }),
    rootfs: { type: "layers", diff_ids: diffIds },
  };
  return addManifest({ json, layers, annotations, platform }, layout);
}

/** The same layers, one more that says what urunc wants to know, and a platform of containers. */
async function uruncManifest(
  parts: ImageParts,
  { layout, directory }: Making,
): Promise<Descriptor> {
  const facts = uruncFactsOf(parts);
  const { text, path, annotations } = uruncParts(facts);
  const file = join(directory, "urunc.json");
  writeFileSync(file, text);
  // By the layout it is known by its file, which each image writes anew.
  const fresh = await ImageLayout.open(directory, new AbortController().signal);
  const layer = await fresh.addLayer(file, path.slice(1));
  const { args, env, labels, diffIds } = parts.config;
  const architecture = goArchitecture(parts.platform.architecture);
  const platform = { architecture, os: "linux" };
  const json = {
    ...platform,
    config: startOf({ args, env, labels: { ...labels, ...annotations } }),
    rootfs: { type: "layers", diff_ids: [...diffIds, layer.digest] },
  };
  const all = sortedRecord({ ...parts.annotations, ...annotations });
  const layers = [...parts.layers, layer];
  return addManifest({ json, layers, annotations: all, platform }, layout);
}

async function addManifest(
  {
    json,
    layers,
    annotations,
    platform,
  }: Pick<ImageParts, "layers" | "annotations" | "platform"> & { readonly json: unknown },
  layout: ImageLayout,
): Promise<Descriptor> {
  const config = await layout.addJson(mediaType.config, JSON.stringify(json));
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

function startOf({ args, env, labels }: Pick<ImageConfig, "args" | "env" | "labels">) {
  return {
    ...(env.length > 0 && { Env: env }),
    ...(args.length > 0 && { Cmd: args }),
    ...(Object.keys(labels).length > 0 && { Labels: sortedRecord(labels) }),
  };
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

function goArchitecture(name: string): string {
  if (name === "x86_64") return "amd64";
  if (name === "arm64" || name === "arm" || name === "amd64") return name;
  throw new FormatError(name, "is no architecture that urunc runs on");
}

function isSame(a: OciPlatform | undefined, b: OciPlatform | undefined): boolean {
  const key = (one: OciPlatform | undefined) => [one?.os, one?.architecture, one?.["os.features"]];
  return JSON.stringify(key(a)) === JSON.stringify(key(b));
}
