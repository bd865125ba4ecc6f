// An OCI image layout → a registry: what is missing there, and then its names.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { FetchError } from "../fetch/fetch-error.ts";
import { inTurns } from "./in-turns.ts";
import { type BlobDescriptor, readManifestContent } from "./manifest.ts";
import { putManifest, type StoredManifest } from "./put-manifest.ts";
import { registryDigestOf } from "./read-manifest.ts";
import { announceReferrer } from "./referrers.ts";
import type { RegistryReference } from "./reference.ts";
import type { Registries } from "./registries.ts";
import { uploadBlob, type UploadOptions } from "./upload-blob.ts";

/** What to push, and where. */
export interface PushRequest {
  /** The absolute path of an OCI image layout. */
  readonly layout: string;
  /** What of it: an index or an image. */
  readonly root: BlobDescriptor;
  /** Without a tag it is pushed by its digest alone. */
  readonly reference: RegistryReference;
  readonly mountFrom?: string;
  readonly chunkBytes?: number;
}

/** What came of it. */
export interface Pushed {
  readonly digest: string;
  /** Blobs, by how they came to be there; manifests are not counted. */
  readonly sent: number;
  readonly mounted: number;
  readonly present: number;
}

/** Pushes all of `root`, its name last, so that nobody sees a part of it. Throws a FetchError. */
export async function pushImage(request: PushRequest, registries: Registries): Promise<Pushed> {
  const { layout, root, reference, mountFrom } = request;
  const place = await registries.placeOf(reference);
  const { manifests, blobs } = partsOf(layout, root);
  const counts = { sent: 0, mounted: 0, present: 0 };
  const progress = new Map<string, number>();
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  const options: UploadOptions = {
    ...(mountFrom !== undefined && { mountFrom }),
    ...(request.chunkBytes !== undefined && { chunkBytes: request.chunkBytes }),
    onSent: ({ digest }, bytes) => {
      progress.set(digest, bytes);
      let sum = 0;
      for (const one of progress.values()) sum += one;
      registries.context.onProgress(sum, total);
    },
  };
  await inTurns(blobs, parallel, async (blob) => {
    const file = { blob, path: blobPath(layout, blob.digest) };
    counts[await uploadBlob(file, place, { registries, options })]++;
  });
  for (const manifest of manifests) {
    const isRoot = manifest.descriptor.digest === root.digest;
    const name = isRoot ? reference.tag : undefined;
    const subject = await putManifest(manifest, { place, name, registries });
    if (subject !== undefined) await announceReferrer(manifest, subject, { place, registries });
  }
  return { digest: root.digest, ...counts };
}

/** As many as docker and skopeo send at once. */
const parallel = 4;

/** Where the layout `layout` has the blob `digest`. */
export function blobPath(layout: string, digest: string): string {
  return join(layout, "blobs/sha256", digest.replace("sha256:", ""));
}

/** Manifests, those inside others first, and all blobs that they name, each once. */
export function partsOf(
  layout: string,
  root: BlobDescriptor,
): { readonly manifests: readonly StoredManifest[]; readonly blobs: readonly BlobDescriptor[] } {
  const manifests = new Map<string, StoredManifest>();
  const blobs = new Map<string, BlobDescriptor>();
  const visit = (descriptor: BlobDescriptor): void => {
    if (manifests.has(descriptor.digest)) return;
    const manifest = readStored(layout, descriptor);
    const { content } = manifest;
    if (content.kind === "index") content.manifests.forEach(visit);
    else for (const blob of [content.config, ...content.layers]) blobs.set(blob.digest, blob);
    manifests.set(descriptor.digest, manifest);
  };
  visit(root);
  return { manifests: [...manifests.values()], blobs: [...blobs.values()] };
}

/** The manifest `descriptor` of `layout`. Throws a FetchError for one that is not what it should be. */
export function readStored(layout: string, descriptor: BlobDescriptor): StoredManifest {
  const { digest } = descriptor;
  const bytes = readFileSync(blobPath(layout, digest));
  if (registryDigestOf(bytes) !== digest) {
    throw new FetchError("digest-mismatch", `${blobPath(layout, digest)} is damaged`);
  }
  return { descriptor, bytes, content: readManifestContent(bytes, digest) };
}
