// Gives results to a remote while the build goes on: blobs first, each once, the result last.

import { createReadStream } from "node:fs";

import { encodeActionResult } from "../action/reapi-result.ts";
import type { ActionResult } from "../action/result.ts";
import { type Digest, emptyDigest, splitDigest } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import { StoreError } from "../store/store-error.ts";
import { packBatches } from "./batches.ts";
import { Lanes } from "./lanes.ts";
import type { BlobSource, RemoteAbilities, RemoteCache } from "./remote-cache.ts";
import { asRemoteError, RemoteError } from "./remote-error.ts";
import { allBlobsOf } from "./result-blobs.ts";
import type { Signing } from "./signatures.ts";

/** A result that others may use. */
export interface Upload {
  readonly key: Digest;
  readonly result: ActionResult;
  /** What else the remote has to know, such as the Action; its blobs are not in the CAS. */
  readonly about: ReadonlyMap<Digest, Uint8Array>;
  /** With which others it is likely to be asked for; absent: alone. */
  readonly group?: string;
  /** Present when the result was known here before, so that the remote is likely to have it. */
  readonly isKnown?: true;
}

/** What uploading takes. */
export interface UploadParts {
  readonly cache: RemoteCache;
  readonly abilities: RemoteAbilities;
  readonly cas: Cas;
  /** See `Signing`. */
  readonly sign?: Signing["sign"];
  /** Hears once, in a few words, why no more is given. */
  readonly stopped: (reason: string) => void;
}

/**
 * How many results may wait; further ones stay here, as a build is not to wait for them. Each takes
 * a few KiB, and a cache that knows all of a build has them all wait at once.
 */
const maxWaiting = 20_000;

/** How many results make one round. */
const roundSize = 256;

/** How many requests are under way at once. */
const concurrency = 8;

/** Uploads results in the background. */
export class Uploads {
  readonly #parts: UploadParts;
  readonly #lanes = new Lanes(concurrency);
  #waiting: Upload[] = [];
  /** Blobs that are known to be at the remote. */
  readonly #present = new Set<Digest>([emptyDigest]);
  #round: Promise<void> | undefined;
  #isStopped = false;
  #bug: unknown;
  #inRound = 0;
  /** Results that are at the remote now, and those that could not be given. */
  readonly counts = { uploaded: 0, failed: 0 };
  sentBytes = 0;

  constructor(parts: UploadParts) {
    this.#parts = parts;
  }

  /** Whether no more is given. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** How many results are not there yet. */
  get pending(): number {
    return this.#waiting.length + this.#inRound;
  }

  /** Gives `upload` away some time. */
  add(upload: Upload): void {
    if (this.#isStopped) return;
    if (this.#waiting.length >= maxWaiting) {
      this.counts.failed += 1;
      return;
    }
    this.#waiting.push(upload);
    this.#round ??= this.#runRounds().finally(() => {
      this.#round = undefined;
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#round !== undefined) await this.#round;
    if (this.#bug !== undefined) throw this.#bug;
  }

  async #runRounds(): Promise<void> {
    // One turn later, so that what is done at once goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const round = this.#waiting.splice(0, roundSize);
      this.#inRound = round.length;
      try {
        await this.#give(round);
      } catch (error) {
        this.counts.failed += round.length;
        this.#judge(error);
      } finally {
        this.#inRound = 0;
      }
    }
  }

  /** What a round that failed means for the next ones. */
  #judge(error: unknown): void {
    if (error instanceof RemoteError) {
      const { kind, message } = error;
      // What passes may have passed by the next round; if not, the breaker ends it.
      if (kind === "transient" || kind === "timeout") return;
      this.#stop();
      const reason = kind === "full" ? `it has no room (${message})` : message;
      if (kind !== "off") this.#parts.stopped(reason);
      return;
    }
    this.#stop();
    if (error instanceof StoreError) this.#parts.stopped(error.message);
    else this.#bug = error;
  }

  #stop(): void {
    this.#isStopped = true;
    this.counts.failed += this.#waiting.length;
    this.#waiting = [];
  }

  async #give(round: readonly Upload[]): Promise<void> {
    const { cas, cache } = this.#parts;
    const lacking = await this.#lackingOf(round);
    const parcels = lacking.map((upload) => ({ ...upload, blobs: allBlobsOf(upload.result, cas) }));
    const about = new Map<Digest, Uint8Array>();
    const needed = new Set<Digest>();
    for (const parcel of parcels) {
      for (const source of [parcel.about, parcel.blobs?.directories ?? []]) {
        for (const [digest, bytes] of source) about.set(digest, bytes);
      }
      for (const digest of parcel.blobs?.stored ?? []) needed.add(digest);
    }
    const unknown = [...new Set([...about.keys(), ...needed])].filter(
      (digest) => !this.#present.has(digest),
    );
    const missing = unknown.length === 0 ? [] : await cache.findMissing(unknown);
    // An Action goes last: that it is there says that its result is.
    const keys = new Set(parcels.map(({ key }) => key));
    const absent = await this.#giveBlobs(
      missing.filter((digest) => !keys.has(digest)),
      about,
    );
    for (const digest of unknown) {
      if (!absent.has(digest) && !keys.has(digest)) this.#present.add(digest);
    }
    const published = new Set<Digest>();
    await Promise.all(
      parcels.map(async ({ key, result, blobs, about: own, isKnown }) => {
        const lacks = (digest: Digest) => absent.has(digest);
        const isWhole = blobs !== undefined && ![...blobs.stored, ...own.keys()].some(lacks);
        if (!isWhole || [...blobs.directories.keys()].some(lacks)) {
          // Files of a known result may be gone on purpose, as nobody needed them.
          if (isKnown !== true) this.counts.failed += 1;
        } else if (await this.#lanes.run(() => this.#publish(key, result))) published.add(key);
      }),
    );
    await this.#giveActions(
      missing.filter((digest) => published.has(digest)),
      about,
    );
    for (const key of published) if (about.has(key)) this.#present.add(key);
  }

  /** Those of `round` that the remote may lack: of what was known here, only what it does lack. */
  async #lackingOf(round: readonly Upload[]): Promise<readonly Upload[]> {
    const { cache } = this.#parts;
    const known = round.filter(({ isKnown }) => isKnown === true);
    const actions = known.flatMap(({ key, about }) => (about.has(key) ? [key] : []));
    const asked = actions.filter((key) => !this.#present.has(key));
    const missing = new Set(asked.length === 0 ? [] : await cache.findMissing(asked));
    for (const key of asked) if (!missing.has(key)) this.#present.add(key);
    // What has no Action of its own is to be asked for by itself.
    const others = known.filter(({ key, about }) => !about.has(key));
    await Promise.all(
      others.map(({ key }) =>
        this.#lanes.run(async () => {
          if ((await cache.readResult(key)) === undefined) missing.add(key);
        }),
      ),
    );
    return round.filter(({ key, isKnown }) => isKnown !== true || missing.has(key));
  }

  /** Their results are there by now: what goes wrong here costs a question some other time. */
  async #giveActions(
    actions: readonly Digest[],
    about: ReadonlyMap<Digest, Uint8Array>,
  ): Promise<void> {
    try {
      await this.#giveBlobs(actions, about);
    } catch (error) {
      this.#judge(asRemoteError(error));
    }
  }

  /** Whether the remote took it. */
  async #publish(key: Digest, result: ActionResult): Promise<boolean> {
    try {
      const { cache, sign } = this.#parts;
      const given = sign?.(key, result) ?? result;
      await cache.writeResult(key, encodeActionResult(given));
      this.counts.uploaded += 1;
      return true;
    } catch (error) {
      if (asRemoteError(error).kind !== "refused") throw error;
      this.counts.failed += 1;
      return false;
    }
  }

  /** Gives those of `digests` that could not be given. */
  async #giveBlobs(
    digests: readonly Digest[],
    about: ReadonlyMap<Digest, Uint8Array>,
  ): Promise<ReadonlySet<Digest>> {
    const { abilities } = this.#parts;
    const { batch, maxBlobBytes } = abilities;
    const sizeOf = (digest: Digest) => splitDigest(digest).sizeBytes;
    const small = digests.filter((digest) => sizeOf(digest) <= batch.totalBytes / 4);
    const large = digests.filter((digest) => sizeOf(digest) > batch.totalBytes / 4);
    const failed = new Set(large.filter((digest) => sizeOf(digest) > maxBlobBytes));
    const batches = packBatches(small, batch).map((some) => () => this.#giveBatch(some, about));
    const streams = large
      .filter((digest) => !failed.has(digest))
      .map((digest) => () => this.#giveLarge(digest, about.get(digest)));
    // What still waits for a lane when all was stopped stays here.
    const unlessStopped = (work: () => Promise<readonly Digest[]>) => async () =>
      this.#isStopped ? [] : work();
    const works = [...batches, ...streams].map(unlessStopped);
    const ends = await Promise.all(works.map((work) => this.#lanes.run(work)));
    for (const digest of ends.flat()) failed.add(digest);
    return failed;
  }

  async #giveBatch(
    digests: readonly Digest[],
    about: ReadonlyMap<Digest, Uint8Array>,
  ): Promise<readonly Digest[]> {
    const { cas, cache } = this.#parts;
    const blobs = new Map<Digest, Uint8Array>();
    const gone: Digest[] = [];
    for (const digest of digests) {
      const bytes = about.get(digest) ?? cas.read(digest);
      if (bytes === undefined) gone.push(digest);
      else blobs.set(digest, bytes);
    }
    for (const digest of blobs.keys()) this.sentBytes += splitDigest(digest).sizeBytes;
    return blobs.size === 0 ? gone : [...gone, ...(await cache.writeBatch(blobs))];
  }

  async #giveLarge(digest: Digest, bytes: Uint8Array | undefined): Promise<readonly Digest[]> {
    const { cas, cache } = this.#parts;
    const path = bytes === undefined ? cas.pathOf({ digest, executable: false }) : undefined;
    if (bytes === undefined && path === undefined) return [digest];
    const source: BlobSource = (offset) =>
      path === undefined ? once(bytes?.subarray(offset)) : fileFrom(path, offset);
    try {
      await cache.writeBlob(digest, source);
      this.sentBytes += splitDigest(digest).sizeBytes;
      return [];
    } catch (error) {
      if (asRemoteError(error).kind !== "refused") throw error;
      return [digest];
    }
  }
}

async function* once(bytes: Uint8Array | undefined): AsyncIterable<Uint8Array> {
  if (bytes !== undefined) yield bytes;
}

async function* fileFrom(path: string, start: number): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path, { start, highWaterMark: 1024 ** 2 }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    // Gone, or unreadable: this result stays here, and that is all.
    throw new RemoteError("refused", `${path} cannot be read`, { cause });
  }
}
