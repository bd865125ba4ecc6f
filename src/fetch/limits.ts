// What archives and repositories may ask of us.

import { FetchError } from "./fetch-error.ts";

/** Upper bounds. What is beyond is refused before it is written. */
export interface Limits {
  /** Of all files together. */
  readonly totalBytes: number;
  /** Files, directories and links. */
  readonly entries: number;
  /** Bytes of all files over bytes of the archive; small archives may have more. */
  readonly ratio: number;
  /** Of one path, from the top of the archive. */
  readonly pathBytes: number;
  /** Names in one path. */
  readonly depth: number;
}

/** Ten times what the largest sources have that anybody builds an image from. */
export const defaultLimits: Limits = {
  totalBytes: 16 * 2 ** 30,
  entries: 1_000_000,
  ratio: 200,
  pathBytes: 1_024,
  depth: 64,
};

/** What a repository may have; how well its objects are packed is no matter. */
export type GitLimits = Omit<Limits, "ratio">;

/**
 * Of layers whose digest an image states that the user chose: what compresses so well is mostly a
 * file system with room left in it, as `pkg --compress` packs them.
 */
export const layerLimits: Limits = { ...defaultLimits, ratio: Number.POSITIVE_INFINITY };

/** So much may come out of any archive: test data of zeros is common, and harmless. */
const freeBytes = 64 * 2 ** 20;

/** Counts what comes out of one archive, and throws a FetchError when it is too much. */
export class Account {
  readonly limits: Limits;
  readonly #archive: string;
  readonly #archiveBytes: number;
  #totalBytes = 0;
  #entries = 0;

  constructor(archive: string, archiveBytes: number, limits: Limits) {
    this.limits = limits;
    this.#archive = archive;
    this.#archiveBytes = archiveBytes;
  }

  addEntry(): void {
    this.#entries++;
    if (this.#entries > this.limits.entries)
      this.#refuse(`more than ${this.limits.entries} entries`);
  }

  addBytes(count: number): void {
    this.#totalBytes += count;
    const { totalBytes, ratio } = this.limits;
    if (this.#totalBytes > totalBytes) this.#refuse(`more than ${totalBytes} bytes`);
    if (this.#totalBytes > Math.max(freeBytes, ratio * this.#archiveBytes)) {
      this.#refuse(`more than ${ratio} times its size`);
    }
  }

  #refuse(what: string): never {
    throw new FetchError("too-large", `${this.#archive} unpacks to ${what}`);
  }
}
