// An OCI image layout on disk: blobs under their digests. Knows no image.

import { constants, createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

import { type Digest, digestStream, splitDigest } from "../digest/digest.ts";
import { fileContent, writePieces } from "./file-content.ts";
import type { Descriptor } from "./image-config.ts";
import { packLayer } from "./layer.ts";

/** Media types of what a layout holds. Source: image-spec, "OCI Image Media Types". */
export const mediaType = {
  layer: "application/vnd.oci.image.layer.v1.tar",
  config: "application/vnd.oci.image.config.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
} as const;

/** The JSON of an index. Source: image-spec, "Image Index". */
export function indexJsonOf(
  manifests: readonly Descriptor[],
  annotations: Readonly<Record<string, string>>,
): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaType.index, manifests, annotations });
}

/** A layer that was compressed already. */
export interface CompressedFile {
  /** The absolute path of what it was made of. */
  readonly tar: string;
  /** An absolute path. */
  readonly compressed: string;
  readonly compression: "gzip" | "zstd";
}

/** A layer, and the digest of what is in it, however it is packed. */
export interface IdentifiedLayer {
  readonly layer: Descriptor;
  readonly diffId: string;
}

/** A layout that is being written. */
export class ImageLayout {
  readonly #directory: string;
  readonly #signal: AbortSignal;
  #written = 0;
  /** By file and path, as targets often share their initrd. */
  readonly #layers = new Map<string, Descriptor>();

  private constructor(directory: string, signal: AbortSignal) {
    this.#directory = directory;
    this.#signal = signal;
  }

  /** The layout in the absolute path `directory`, which is made when missing. */
  static async open(directory: string, signal: AbortSignal): Promise<ImageLayout> {
    await mkdir(join(directory, "blobs/sha256"), { recursive: true });
    return new ImageLayout(directory, signal);
  }

  /** Adds a layer that holds the absolute path `file` at `path`. */
  async addLayer(file: string, path: string): Promise<Descriptor> {
    const key = `${path} ${file}`;
    const known = this.#layers.get(key);
    if (known !== undefined) return known;
    const { size } = await stat(file);
    const layer = packLayer({ path, sizeBytes: size, content: fileContent(file, size) });
    const descriptor = await this.#add(mediaType.layer, layer);
    this.#layers.set(key, descriptor);
    return descriptor;
  }

  /** Adds a layer that was compressed. */
  async addCompressed({ tar, compressed, compression }: CompressedFile): Promise<IdentifiedLayer> {
    const content = digestStream();
    for await (const piece of createReadStream(tar, { signal: this.#signal })) {
      content.update(piece as Buffer);
    }
    const pieces = createReadStream(compressed);
    const layer = await this.addStream(`${mediaType.layer}+${compression}`, pieces);
    return { layer, diffId: `sha256:${splitDigest(content.digest()).hash}` };
  }

  /** Adds a layer that is the uncompressed tar `pieces`. */
  addTar(pieces: Iterable<Uint8Array>): Promise<Descriptor> {
    return this.#add(mediaType.layer, pieces);
  }

  /** Adds a blob that comes piece by piece. */
  async addStream(type: string, pieces: AsyncIterable<Uint8Array>): Promise<Descriptor> {
    const partial = this.#partialPath();
    const stream = digestStream();
    const seen = async function* () {
      for await (const piece of pieces) {
        stream.update(piece);
        yield piece;
      }
    };
    await pipeline(seen, createWriteStream(partial), { signal: this.#signal });
    return this.#named(type, partial, stream.digest());
  }

  /** Adds the absolute path `file`, whose digest is known, as `sha256:…`. */
  async addBlob(file: string, digest: string): Promise<void> {
    const to = join(this.#directory, "blobs", digest.replace(":", "/"));
    await mkdir(dirname(to), { recursive: true });
    await copyFile(file, to, constants.COPYFILE_FICLONE);
  }

  addJson(type: string, text: string): Promise<Descriptor> {
    return this.#add(type, [Buffer.from(text)]);
  }

  /** Names `roots` as what the layout is about, and so ends it. */
  async finish(
    roots: readonly Descriptor[],
    annotations: Readonly<Record<string, string>>,
  ): Promise<void> {
    const version = JSON.stringify({ imageLayoutVersion: "1.0.0" });
    await writeFile(join(this.#directory, "oci-layout"), version);
    await writeFile(join(this.#directory, "index.json"), indexJsonOf(roots, annotations));
  }

  async #add(type: string, pieces: Iterable<Uint8Array>): Promise<Descriptor> {
    const partial = this.#partialPath();
    const stream = digestStream();
    await writePieces(
      partial,
      watched(pieces, (piece) => stream.update(piece)),
      this.#signal,
    );
    return this.#named(type, partial, stream.digest());
  }

  /** For a blob whose name is known only when it is written. */
  #partialPath(): string {
    return join(this.#directory, "blobs/sha256", `partial-${this.#written++}`);
  }

  async #named(type: string, partial: string, digest: Digest): Promise<Descriptor> {
    const { hash, sizeBytes } = splitDigest(digest);
    await rename(partial, join(this.#directory, "blobs/sha256", hash));
    return { mediaType: type, digest: `sha256:${hash}`, size: sizeBytes };
  }
}

function* watched(
  pieces: Iterable<Uint8Array>,
  see: (piece: Uint8Array) => void,
): Generator<Uint8Array> {
  for (const piece of pieces) {
    see(piece);
    yield piece;
  }
}
