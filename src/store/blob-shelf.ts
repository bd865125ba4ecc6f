// Where blobs stand, and whether one still is what its name says. Writes no blob.

import { type Stats, chmodSync, lstatSync, utimesSync } from "node:fs";

import type { Host } from "../base/host.ts";
import { pathBelow } from "../base/path-below.ts";
import { type Digest, parseDigest, splitDigest } from "../digest/digest.ts";
import { digestOfDescriptor, withReading } from "./file-digest.ts";
import { isSealed, sealedMode, sealedMtimeMs } from "./seal.ts";
import { readError } from "./store-error.ts";
import { removeFile } from "./whole-file.ts";

/** A blob in one of its two forms on disk. A `FileNode` is one too. */
export interface BlobFile {
  readonly digest: Digest;
  /** Whether the form with the executable bits is meant. */
  readonly executable: boolean;
}

/**
 * How long a use of a blob or of a result may go unrecorded. Recording each one would write an
 * inode per blob and build; garbage collection allows for what this leaves out.
 */
export const touchEveryMs = 3_600_000;

/** The directory of blobs whose hashes begin with the byte `shard`. */
export function shardName(shard: number): string {
  return shard.toString(16).padStart(2, "0");
}

/** Where the two forms of a blob are when they are there, in the `directory` of blobs. */
export function formPathsOf(
  directory: string,
  digest: Digest,
): readonly [plain: string, executable: string] {
  const { hash } = splitDigest(digest);
  const plain = pathBelow(directory, `${hash.slice(0, 2)}/${hash}`);
  return [plain, `${plain}.x`];
}

/** The blobs in one directory. The atime of each tells when it was last used, by the host's clock. */
export class BlobShelf {
  readonly #directory: string;
  readonly #host: Pick<Host, "epochMs">;

  constructor(directory: string, host: Pick<Host, "epochMs">) {
    this.#directory = directory;
    this.#host = host;
  }

  /** Where `file` is when it is there. */
  pathOf({ digest, executable }: BlobFile): string {
    const [plain, other] = formPathsOf(this.#directory, digest);
    return executable ? other : plain;
  }

  /** A form of the blob that is there and whole; undefined when there is none. */
  find(digest: Digest): BlobFile | undefined {
    const forms = [
      { digest, executable: false },
      { digest, executable: true },
    ];
    return forms.find((file) => this.holds(file));
  }

  /** The digest of the blob of which only the SHA-256 is known; undefined when there is none. */
  digestOfHash(hash: string): Digest | undefined {
    const unsized = parseDigest(`${hash}/0`);
    if (unsized === undefined) return undefined;
    for (const executable of [false, true]) {
      const stats = statsOf(this.pathOf({ digest: unsized, executable }));
      const digest = stats === undefined ? undefined : parseDigest(`${hash}/${stats.size}`);
      if (digest !== undefined && this.holds({ digest, executable })) return digest;
    }
    return undefined;
  }

  /**
   * Whether `file` is there and whole, and notes that it was used. Its stat decides; only when
   * that is not a blob's is it hashed, and then sealed again, or removed when it is damaged.
   */
  holds(file: BlobFile): boolean {
    return this.#use(file, touchEveryMs) !== undefined;
  }

  /**
   * The use on record of a form of the blob that is there and whole, which is renewed when it is
   * older than `renewEveryMs`; undefined when there is none.
   */
  use(digest: Digest, renewEveryMs: number): number | undefined {
    return (
      this.#use({ digest, executable: false }, renewEveryMs) ??
      this.#use({ digest, executable: true }, renewEveryMs)
    );
  }

  #use(file: BlobFile, renewEveryMs: number): number | undefined {
    const path = this.pathOf(file);
    const stats = statsOf(path);
    if (stats === undefined) return undefined;
    const { sizeBytes } = splitDigest(file.digest);
    const nowMs = this.#host.epochMs();
    if (!isSealed(stats, sizeBytes, file.executable)) {
      return this.#repair(file) ? nowMs : undefined;
    }
    if (nowMs - stats.atimeMs < renewEveryMs) return stats.atimeMs;
    return touch(path, nowMs) ? nowMs : undefined;
  }

  /** Takes `file` off the shelf, as it was found to be damaged. */
  discard(file: BlobFile): void {
    removeFile(this.pathOf(file));
  }

  #repair(file: BlobFile): boolean {
    const path = this.pathOf(file);
    const { hash } = splitDigest(file.digest);
    const actual = digestOfPath(path);
    if (actual === undefined || splitDigest(actual).hash !== hash) {
      this.discard(file);
      return false;
    }
    try {
      chmodSync(path, sealedMode(file.executable));
      touch(path, this.#host.epochMs());
    } catch {
      // Another user's file: it is hashed at each use, which is slow but right.
    }
    // A digest with the right hash and a wrong size names no blob, and this one is sound.
    return actual === file.digest;
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw readError(cause, path);
  }
}

/** Records a use of `path`; false when it is gone. */
function touch(path: string, nowMs: number): boolean {
  try {
    utimesSync(path, nowMs / 1000, sealedMtimeMs / 1000);
    return true;
  } catch {
    // A collector took it between stat and touch; or it is another user's, and stays as it is.
    return statsOf(path) !== undefined;
  }
}

function digestOfPath(path: string): Digest | undefined {
  try {
    return withReading(path, digestOfDescriptor);
  } catch {
    return undefined;
  }
}
