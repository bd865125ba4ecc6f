// OCI image layouts on the disk, as they are read. Knows no network.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { FetchError } from "../fetch/fetch-error.ts";
import { type BlobDescriptor, type ManifestEntry, readManifestContent } from "./manifest.ts";
import type { StoredManifest } from "./put-manifest.ts";
import { wholeBytes } from "./whole-blob.ts";

/** What a layout has under this annotation is the tag. Source: image-spec, "index.json file". */
export const tagAnnotation = "org.opencontainers.image.ref.name";

/** What the OCI image layout in `directory` names, in its order. Throws a FetchError. */
export function readLayoutRoots(directory: string): readonly ManifestEntry[] {
  const content = readManifestContent(indexOf(directory), directory);
  if (content.kind === "index") return content.manifests;
  throw new FetchError("bad-manifest", `${directory}/index.json is no index`);
}

function indexOf(directory: string): Buffer {
  try {
    return readFileSync(join(directory, "index.json"));
  } catch (cause) {
    throw new FetchError("not-found", `${directory} is no OCI image layout`, { cause });
  }
}

/** Gives the absolute path of the file with a blob, which need not be there. */
export type BlobPaths = (digest: string) => string;

/** The blobs of the OCI image layout in `directory`. */
export function blobsIn(directory: string): BlobPaths {
  return (digest) => join(directory, "blobs/sha256", digest.replace("sha256:", ""));
}

/** Manifests, those inside others first, and all blobs that they name, each once. */
export function partsOf(
  paths: BlobPaths,
  root: BlobDescriptor,
): { readonly manifests: readonly StoredManifest[]; readonly blobs: readonly BlobDescriptor[] } {
  const manifests = new Map<string, StoredManifest>();
  const blobs = new Map<string, BlobDescriptor>();
  const visit = (descriptor: BlobDescriptor): void => {
    if (manifests.has(descriptor.digest)) return;
    const manifest = readStored(paths, descriptor);
    const { content } = manifest;
    if (content.kind === "index") content.manifests.forEach(visit);
    else for (const blob of [content.config, ...content.layers]) blobs.set(blob.digest, blob);
    manifests.set(descriptor.digest, manifest);
  };
  visit(root);
  return { manifests: [...manifests.values()], blobs: [...blobs.values()] };
}

/** The manifest `descriptor` of a layout. Throws a FetchError for one that is not what it should be. */
export function readStored(paths: BlobPaths, descriptor: BlobDescriptor): StoredManifest {
  const { digest } = descriptor;
  const bytes = wholeBytes(paths, digest);
  return { descriptor, bytes, content: readManifestContent(bytes, digest) };
}
