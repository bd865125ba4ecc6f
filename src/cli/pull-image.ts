import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import type { WantedPlatform } from "../action/remote-source.ts";
import { chooseImage } from "../registry/choose-image.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { blobsIn, readLayoutRoots } from "../registry/layout.ts";
import { linkOrCopy } from "../registry/link-or-copy.ts";
import { type BlobKeeper, pullImage } from "../registry/pull-image.ts";
import { readManifest } from "../registry/read-manifest.ts";
import { formatReference, parseReference } from "../registry/reference.ts";
import { isBlobWhole } from "../registry/whole-blob.ts";
import { type ImagePlace, offlineError } from "./image-place.ts";

/**
 * Pulls the image called `word` for `platform`, or for all of its platforms when there is none,
 * into the store. Throws a FetchError or a FormatError.
 */
export async function pullIntoStore(
  word: string,
  platform: WantedPlatform | undefined,
  place: ImagePlace,
): Promise<StoredImage> {
  const { store, registries, temporaryPath } = place;
  const reference = parseReference(word, "kraft");
  if (place.isOffline) throw offlineError(`${formatReference(reference)} is not on this machine`);
  const found =
    platform === undefined
      ? await readManifest(reference, registries)
      : await chooseImage(reference, platform, registries);
  const into = temporaryPath();
  const request = { reference, digest: found.digest, into, whole: platform === undefined };
  await place.exclusively(`pull-${found.digest.slice(7, 39)}`, () => {
    return place.transfer(`pulling ${formatReference(reference)}`, () => {
      return pullImage(request, registries, storeKeeper(place));
    });
  });
  const [root] = readLayoutRoots(into);
  if (root === undefined) throw new Error("bug: nothing was pulled");
  const name = formatReference(reference);
  await store.put({ reference: name, root, blobs: blobsIn(into) });
  return { reference: name, root, blobs: store.blobs };
}

function storeKeeper({ store, temporaryPath, partialPath }: ImagePlace): BlobKeeper {
  return {
    find: async ({ digest }) => {
      const path = store.blobs(digest);
      if (await isBlobWhole(store.blobs, digest)) return path;
      // What is damaged comes anew, and must not be in its way.
      rmSync(path, { force: true });
      return undefined;
    },
    keep: (path, blob) => {
      // In the store at once, so that the next try has it, however this one ends.
      mkdirSync(dirname(store.blobs(blob.digest)), { recursive: true });
      linkOrCopy(path, store.blobs(blob.digest));
      rmSync(path, { force: true });
      return store.blobs(blob.digest);
    },
    partialPath: ({ digest }) => partialPath(digest),
    temporaryPath,
  };
}
