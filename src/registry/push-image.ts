// An OCI image layout → a registry: what is missing there, and then its names.

import { inTurns } from "./in-turns.ts";
import { type BlobPaths, partsOf } from "./layout.ts";
import type { BlobDescriptor } from "./manifest.ts";
import { putManifest } from "./put-manifest.ts";
import { announceReferrer } from "./referrers.ts";
import type { RegistryReference } from "./reference.ts";
import type { Registries } from "./registries.ts";
import { uploadBlob, type UploadNotes, type UploadOptions } from "./upload-blob.ts";

/** What to push, and where. */
export interface PushRequest {
  /** Where its blobs are. */
  readonly blobs: BlobPaths;
  /** What of it: an index or an image. */
  readonly root: BlobDescriptor;
  /** Without a tag it is pushed by its digest alone. */
  readonly reference: RegistryReference;
  readonly mountFrom?: string;
  readonly chunkBytes?: number;
  readonly notes?: UploadNotes;
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
  const { root, reference, mountFrom } = request;
  const place = await registries.placeOf(reference);
  const { manifests, blobs } = partsOf(request.blobs, root);
  const counts = { sent: 0, mounted: 0, present: 0 };
  const progress = new Map<string, number>();
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  const options: UploadOptions = {
    ...(mountFrom !== undefined && { mountFrom }),
    ...(request.chunkBytes !== undefined && { chunkBytes: request.chunkBytes }),
    ...(request.notes !== undefined && { notes: request.notes }),
    onSent: ({ digest }, bytes) => {
      progress.set(digest, bytes);
      let sum = 0;
      for (const one of progress.values()) sum += one;
      registries.context.onProgress(sum, total);
    },
  };
  await inTurns(blobs, parallel, async (blob) => {
    const file = { blob, path: request.blobs(blob.digest) };
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
