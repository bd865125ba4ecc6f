// Sees to it that a remote has what an action reads: each blob is asked for and sent once.

import { createReadStream, readFileSync } from "node:fs";

import { type Digest, digestOf, emptyDigest, splitDigest } from "../digest/digest.ts";
import { packBatches } from "./batches.ts";
import { Lanes } from "./lanes.ts";
import type { RemoteAbilities, RemoteCache } from "./remote-cache.ts";
import { RemoteError } from "./remote-error.ts";

/** Where the bytes of a blob are: themselves, or the absolute path of a file, asked for when needed. */
export type BlobOrigin = Uint8Array | (() => string);

/** What sending takes. */
export interface InputBlobParts {
  readonly cache: RemoteCache;
  readonly abilities: RemoteAbilities;
}

/** How many requests are under way at once. */
const concurrency = 8;

/** Sends blobs. */
export class InputBlobs {
  readonly #parts: InputBlobParts;
  readonly #lanes = new Lanes(concurrency);
  /** Blobs that are at the remote, or will be once this resolves. */
  readonly #present = new Map<Digest, Promise<void>>([[emptyDigest, Promise.resolve()]]);
  sentBytes = 0;

  constructor(parts: InputBlobParts) {
    this.#parts = parts;
  }

  /** Resolves when the remote has all of `blobs`. Throws a RemoteError, or what an origin does. */
  async send(blobs: ReadonlyMap<Digest, BlobOrigin>): Promise<void> {
    const unknown = [...blobs.keys()].filter((digest) => !this.#present.has(digest));
    if (unknown.length > 0) {
      const sent = this.#send(unknown, blobs);
      for (const digest of unknown) this.#present.set(digest, sent);
      sent.catch(() => this.forget(unknown));
    }
    // Most have the promise of some earlier action in common.
    const coming = new Set([...blobs.keys()].map((digest) => this.#present.get(digest)));
    for (const one of coming) await one;
  }

  /** Takes `digests` for what the remote may lack again, as it said so. */
  forget(digests: Iterable<Digest>): void {
    for (const digest of digests) if (digest !== emptyDigest) this.#present.delete(digest);
  }

  async #send(digests: readonly Digest[], blobs: ReadonlyMap<Digest, BlobOrigin>): Promise<void> {
    const { cache, abilities } = this.#parts;
    const missing = await cache.findMissing(digests);
    const isSmall = (digest: Digest) =>
      splitDigest(digest).sizeBytes <= abilities.batch.totalBytes / 4;
    const batches = packBatches(missing.filter(isSmall), abilities.batch);
    await Promise.all([
      ...batches.map((some) => this.#lanes.run(() => this.#sendBatch(some, blobs))),
      ...missing
        .filter((digest) => !isSmall(digest))
        .map((digest) => this.#lanes.run(() => this.#sendLarge(digest, blobs.get(digest)))),
    ]);
  }

  async #sendBatch(
    digests: readonly Digest[],
    blobs: ReadonlyMap<Digest, BlobOrigin>,
  ): Promise<void> {
    const batch = new Map<Digest, Uint8Array>();
    for (const digest of digests) {
      const origin = blobs.get(digest);
      if (origin === undefined) throw new RemoteError("refused", `nobody asked about ${digest}`);
      const bytes = typeof origin === "function" ? readFileSync(origin()) : origin;
      if (digestOf(bytes) !== digest) throw changed();
      batch.set(digest, bytes);
      this.sentBytes += bytes.byteLength;
    }
    const [refused] = await this.#parts.cache.writeBatch(batch);
    if (refused !== undefined) throw new RemoteError("refused", `it does not take ${refused}`);
  }

  async #sendLarge(digest: Digest, origin: BlobOrigin | undefined): Promise<void> {
    if (origin === undefined) throw new RemoteError("refused", `nobody asked about ${digest}`);
    const { sizeBytes } = splitDigest(digest);
    this.sentBytes += sizeBytes;
    await this.#parts.cache.writeBlob(digest, (offset) =>
      typeof origin === "function"
        ? createReadStream(origin(), { start: offset })
        : piecesOf(origin.subarray(offset)),
    );
  }
}

/** The user's file is no longer what the action was to read. */
function changed(): RemoteError {
  return new RemoteError("refused", "an input changed while it was sent");
}

async function* piecesOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
