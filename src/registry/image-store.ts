// Images of this machine: one OCI image layout, in which images share blobs. Knows no registry.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { indexJsonOf } from "../format/image-layout.ts";
import { writeError } from "../store/store-error.ts";
import { type BlobPaths, blobsIn, partsOf, readLayoutRoots, tagAnnotation } from "./layout.ts";
import { linkOrCopy } from "./link-or-copy.ts";
import type { BlobDescriptor } from "./manifest.ts";

/** An image of this machine. */
export interface StoredImage {
  /** By its name, in full. */
  readonly reference: string;
  /** Of an index, or of an image. */
  readonly root: BlobDescriptor;
  readonly blobs: BlobPaths;
  /** Whether others have its files, too, and may change them; absent: they are the engine's own. */
  readonly isForeign?: true;
}

/** What pruning came to. */
export interface Pruned {
  readonly blobs: number;
  readonly bytes: number;
}

/** How a store sees to it that no other process changes it meanwhile. */
export type Exclusively = <T>(use: () => Promise<T>) => Promise<T>;

/** Images by name. A blob stays for as long as one of them has it, and then until it is pruned. */
export class ImageStore {
  readonly directory: string;
  readonly blobs: BlobPaths;
  readonly #exclusively: Exclusively;

  /** The store in the absolute path `directory`, which is made when something is put into it. */
  constructor(directory: string, exclusively: Exclusively) {
    this.directory = directory;
    this.blobs = blobsIn(directory);
    this.#exclusively = exclusively;
  }

  /** All images, by name. Throws a FetchError when the store is damaged. */
  list(): readonly StoredImage[] {
    if (!existsSync(join(this.directory, "index.json"))) return [];
    const images = readLayoutRoots(this.directory).flatMap((root) => {
      const reference = root.annotations[tagAnnotation];
      return reference === undefined ? [] : [{ reference, root, blobs: this.blobs }];
    });
    return images.toSorted((a, b) => (a.reference < b.reference ? -1 : 1));
  }

  find(reference: string): StoredImage | undefined {
    return this.list().find((image) => image.reference === reference);
  }

  /** Takes in `image` under its name, in place of what had it. */
  put({ reference, root, blobs }: StoredImage): Promise<void> {
    return this.#change((images) => {
      const parts = partsOf(blobs, root);
      const digests = [...parts.blobs, ...parts.manifests.map((one) => one.descriptor)];
      // Small, and held against their digests already: damaged ones make way for them.
      for (const { descriptor, bytes } of parts.manifests) {
        const own = this.blobs(descriptor.digest);
        if (existsSync(own) && !bytes.equals(readFileSync(own))) rmSync(own, { force: true });
      }
      for (const { digest } of digests) linkOrCopy(blobs(digest), this.blobs(digest));
      const others = images.filter((one) => one.reference !== reference);
      return [...others, { reference, root, blobs: this.blobs }];
    });
  }

  /** Forgets names; what only they had is there until it is pruned. */
  remove(references: readonly string[]): Promise<void> {
    const gone = new Set(references);
    return this.#change((images) => images.filter(({ reference }) => !gone.has(reference)));
  }

  /** Removes blobs that no image has. */
  prune(): Promise<Pruned> {
    return this.#exclusively(async () => {
      const used = new Set<string>();
      for (const { root, blobs } of this.list()) {
        const parts = partsOf(blobs, root);
        for (const { digest } of parts.blobs) used.add(digest);
        for (const { descriptor } of parts.manifests) used.add(descriptor.digest);
      }
      const directory = join(this.directory, "blobs/sha256");
      const pruned = { blobs: 0, bytes: 0 };
      for (const name of existsSync(directory) ? readdirSync(directory) : []) {
        if (used.has(`sha256:${name}`)) continue;
        pruned.blobs++;
        pruned.bytes += statSync(join(directory, name)).size;
        rmSync(join(directory, name), { force: true });
      }
      return pruned;
    });
  }

  #change(next: (images: readonly StoredImage[]) => readonly StoredImage[]): Promise<void> {
    return this.#exclusively(async () => {
      try {
        mkdirSync(join(this.directory, "blobs/sha256"), { recursive: true });
        const roots = next(this.list()).map(({ reference, root }) => ({
          mediaType: root.mediaType,
          digest: root.digest,
          size: root.size,
          annotations: { [tagAnnotation]: reference },
        }));
        const version = JSON.stringify({ imageLayoutVersion: "1.0.0" });
        writeFileSync(join(this.directory, "oci-layout"), version);
        const draft = join(this.directory, "index.json.new");
        writeFileSync(draft, indexJsonOf(roots, {}));
        renameSync(draft, join(this.directory, "index.json"));
      } catch (cause) {
        throw writeError(cause, this.directory);
      }
    });
  }
}
