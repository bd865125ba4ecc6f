// Brings blobs from a remote into the CAS: once each, many at a time, and only if they are right.

import { closeSync, fchmodSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { type Digest, digestStream, emptyDigest, splitDigest } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import { writeError } from "../store/store-error.ts";
import { makeDirectory } from "../store/temporary.ts";
import { writeAll } from "../store/whole-file.ts";
import { packBatches } from "./batches.ts";
import { Lanes } from "./lanes.ts";
import type { RemoteAbilities, RemoteCache } from "./remote-cache.ts";
import { asRemoteError } from "./remote-error.ts";

/** How many batches and streams are under way at once. */
const concurrency = 8;

/** What downloading takes. */
export interface DownloadParts {
  readonly cache: RemoteCache;
  readonly abilities: RemoteAbilities;
  readonly cas: Cas;
}

/** A blob, and the form in which the CAS is to have it, as it would else be there twice. */
export interface WantedBlob {
  readonly digest: Digest;
  readonly executable: boolean;
}

/** Fetches blobs. */
export class Downloads {
  readonly #parts: DownloadParts;
  readonly #lanes = new Lanes(concurrency);
  /** By digest: whether it is in the CAS by then. */
  readonly #underWay = new Map<Digest, Promise<boolean>>();
  /** Small blobs that wait for others to come with. */
  #gathered = new Map<Digest, (isThere: boolean) => void>();
  /** Blobs that the remote lost, or has wrong: results that need them are no use. */
  readonly lost = new Set<Digest>();
  readonly #executable = new Set<Digest>();
  receivedBytes = 0;

  constructor(parts: DownloadParts) {
    this.#parts = parts;
  }

  /** True when all of `blobs` are in the CAS now. Throws a StoreError. */
  async fetch(blobs: Iterable<WantedBlob>): Promise<boolean> {
    const { cas } = this.#parts;
    const wanted = new Set<Digest>();
    for (const { digest, executable } of blobs) {
      if (digest === emptyDigest || cas.has(digest)) continue;
      wanted.add(digest);
      if (executable) this.#executable.add(digest);
    }
    const absent = [...wanted];
    if (absent.some((digest) => this.lost.has(digest))) return false;
    const found = await Promise.all(absent.map((digest) => this.#fetchOnce(digest)));
    return found.every(Boolean);
  }

  /** Takes in bytes that came along with something else. Throws a StoreError. */
  async accept(blobs: ReadonlyMap<Digest, Uint8Array>): Promise<void> {
    for (const [digest, bytes] of blobs) await this.#keep(digest, bytes);
  }

  #fetchOnce(digest: Digest): Promise<boolean> {
    const known = this.#underWay.get(digest);
    if (known !== undefined) return known;
    const { batch } = this.#parts.abilities;
    const isSmall = splitDigest(digest).sizeBytes <= batch.totalBytes / 4;
    const coming = isSmall ? this.#gather(digest) : this.#lanes.run(() => this.#stream(digest));
    this.#underWay.set(digest, coming);
    const forget = () => void this.#underWay.delete(digest);
    coming.then(forget, forget);
    return coming;
  }

  #gather(digest: Digest): Promise<boolean> {
    return new Promise((resolve, reject) => {
      // Whatever is asked for in one turn of the event loop goes together.
      if (this.#gathered.size === 0) setImmediate(() => this.#sendGathered(reject));
      this.#gathered.set(digest, resolve);
    });
  }

  #sendGathered(reject: (error: unknown) => void): void {
    const waiting = this.#gathered;
    this.#gathered = new Map();
    for (const digests of packBatches([...waiting.keys()], this.#parts.abilities.batch)) {
      this.#lanes
        .run(() => this.#readBatch(digests))
        .then((found) => {
          for (const digest of digests) waiting.get(digest)?.(found.has(digest));
        })
        .catch((error: unknown) => {
          reject(error);
          for (const digest of digests) waiting.get(digest)?.(false);
        });
    }
  }

  /** Those of `digests` that are in the CAS now. */
  async #readBatch(digests: readonly Digest[]): Promise<ReadonlySet<Digest>> {
    const found = new Set<Digest>();
    try {
      const blobs = await this.#parts.cache.readBatch(digests);
      await Promise.all(
        digests.map(async (digest) => {
          const bytes = blobs.get(digest);
          if (bytes !== undefined && (await this.#keep(digest, bytes))) found.add(digest);
          else this.lost.add(digest);
        }),
      );
    } catch (error) {
      asRemoteError(error);
    }
    return found;
  }

  #keep(digest: Digest, bytes: Uint8Array): Promise<boolean> {
    this.receivedBytes += bytes.byteLength;
    return this.#parts.cas.putUnchecked(bytes, {
      digest,
      executable: this.#executable.has(digest),
    });
  }

  async #stream(digest: Digest): Promise<boolean> {
    const { cache, cas } = this.#parts;
    const draft = cas.temporaryPath();
    const file = openDraft(draft, this.#executable.has(digest) ? executableMode : plainMode);
    const actual = digestStream();
    try {
      await cache.readBlob(digest, (bytes) => {
        this.receivedBytes += bytes.byteLength;
        actual.update(bytes);
        onDisk(draft, () => writeAll(file, bytes));
      });
      if (actual.digest() !== digest) {
        this.lost.add(digest);
        return false;
      }
      cas.importFile(draft, { move: true });
      return true;
    } catch (error) {
      if (asRemoteError(error).kind === "missing") this.lost.add(digest);
      return false;
    } finally {
      closeSync(file);
      rmSync(draft, { force: true });
    }
  }
}

function openDraft(path: string, mode: number): number {
  makeDirectory(dirname(path));
  return onDisk(path, () => {
    const file = openSync(path, "wx", mode);
    fchmodSync(file, mode); // Whatever the umask takes away.
    return file;
  });
}

/** What `work` gives. Throws a StoreError: else a full disk would be the remote's fault, or a bug. */
function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw writeError(cause, path);
  }
}

const plainMode = 0o644;
const executableMode = 0o755;
