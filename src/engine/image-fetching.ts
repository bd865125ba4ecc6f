// Images of registries → directories, with blobs kept in the CAS. Loads the client of registries.

import { join } from "node:path";

import type { ImageSource } from "../action/remote-source.ts";
import { digestOf, parseDigest } from "../digest/digest.ts";
import type { FetchContext } from "../fetch/fetch-context.ts";
import { FetchError } from "../fetch/fetch-error.ts";
import { FormatError } from "../format/format-error.ts";
import { chooseImage } from "../registry/choose-image.ts";
import type { BlobDescriptor } from "../registry/manifest.ts";
import { type BlobKeeper, pullImage } from "../registry/pull-image.ts";
import { parseReference, type RegistryReference } from "../registry/reference.ts";
import { Registries, type RegistrySettings } from "../registry/registries.ts";
import type { Store } from "../store/store.ts";

/** What fetching images takes. */
export interface ImageFetchingParts {
  readonly store: Pick<Store, "cas" | "directory">;
  readonly registries: RegistrySettings;
  readonly context: FetchContext;
}

/** Fetches images, and says what their names stand for; both throw a FetchError. */
export interface ImageFetching {
  /** The digest of the manifest that `source` stands for just now. */
  readonly resolve: (source: ImageSource) => Promise<string>;
  /** Leaves the image, which must be pinned, as an OCI image layout in the new directory `into`. */
  readonly fetch: (source: ImageSource, into: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export function openImageFetching(parts: ImageFetchingParts): ImageFetching {
  const registries = new Registries(parts.registries, parts.context);
  return {
    resolve: async ({ reference, platform }) =>
      (await chooseImage(referenceOf(reference), platform, registries)).digest,
    fetch: async ({ reference, digest }, into) => {
      if (digest === undefined) throw new Error(`bug: ${reference} is not pinned`);
      const request = { reference: referenceOf(reference), digest, into };
      await pullImage(request, registries, casKeeper(parts.store, digest));
    },
    close: () => registries.close(),
  };
}

/**
 * Blobs as the CAS has them, and parts of them beside those of other downloads. The parts are those
 * of one image, which nobody else pulls meanwhile.
 */
export function casKeeper(
  { cas, directory }: Pick<Store, "cas" | "directory">,
  image: string,
): BlobKeeper {
  const find = (blob: BlobDescriptor): string | undefined => {
    const digest = parseDigest(`${hexOf(blob)}/${blob.size}`);
    return digest && cas.pathOf({ digest, executable: false });
  };
  return {
    find,
    keep: (path, blob) => {
      cas.importFile(path, { move: true });
      const kept = find(blob);
      if (kept === undefined) throw new Error(`bug: ${blob.digest} is not what was imported`);
      return kept;
    },
    partialPath: (blob) => {
      const name = digestOf(`${image} ${blob.digest}`).slice(0, 32);
      return join(directory, "tmp", `partial-${name}`);
    },
    temporaryPath: () => cas.temporaryPath(),
  };
}

function hexOf({ digest }: BlobDescriptor): string {
  return digest.replace("sha256:", "");
}

/** Rules name images in full; what a yielded action names may be anything. */
function referenceOf(text: string): RegistryReference {
  try {
    return parseReference(text, "docker");
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new FetchError("bad-address", cause.message, { cause });
  }
}
