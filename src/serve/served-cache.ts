// The store as a cache for others, whatever the protocol: what is taken in is checked before.

import { closeSync, createReadStream, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { decodeTree, encodeDirectory } from "../action/reapi-directory.ts";
import { decodeActionResult, encodeActionResult } from "../action/reapi-result.ts";
import { type Digest, digestOf, digestStream, splitDigest } from "../digest/digest.ts";
import { inlinedBlobsOf } from "../remote/result-messages.ts";
import type { StoreLimits } from "../store/collect.ts";
import { isComplete } from "../store/completeness.ts";
import { writeError } from "../store/store-error.ts";
import type { Store } from "../store/store.ts";
import { makeDirectory } from "../store/temporary.ts";
import { writeAll } from "../store/whole-file.ts";
import type { Traffic } from "./traffic.ts";

/** What is served. */
export interface ServedParts {
  readonly store: Store;
  readonly limits: StoreLimits;
  readonly traffic: Traffic;
}

/** What came of something that was given. */
export type Taken =
  | { readonly kind: "kept" }
  /** It is not what it should be. */
  | { readonly kind: "wrong"; readonly reason: string }
  /** A result whose blobs are not all here. */
  | { readonly kind: "incomplete"; readonly reason: string }
  /** A blob that this cache has no room for. */
  | { readonly kind: "too-large"; readonly reason: string };

const kept: Taken = { kind: "kept" };

/** How much may be taken in before somebody looks whether that is too much. */
const collectEveryBytes = 32 * 1024 ** 2;

const pieceBytes = 1024 ** 2;

/** The store, as others may use it. Methods may throw a StoreError. */
export class ServedCache {
  readonly #parts: ServedParts;
  #uncollectedBytes = 0;

  constructor(parts: ServedParts) {
    this.#parts = parts;
  }

  get traffic(): Traffic {
    return this.#parts.traffic;
  }

  /** The encoded result of `key`, of which all blobs are here; undefined when there is none. */
  readResult(key: Digest): Uint8Array | undefined {
    const result = this.#parts.store.actionCache.readComplete(key);
    this.traffic.count("action-cache", result === undefined ? "misses" : "hits");
    return result === undefined ? undefined : encodeActionResult(result);
  }

  /** Keeps `bytes` as the result of `key`, if they are one, and all that it names is here. */
  writeResult(key: Digest, bytes: Uint8Array): Taken {
    const { cas, actionCache } = this.#parts.store;
    const result = decodeActionResult(bytes, (tree) => this.#rootOf(tree));
    if (result === undefined) return { kind: "wrong", reason: "it is no ActionResult" };
    if (result.exitCode !== 0) {
      return { kind: "wrong", reason: "only results of actions that succeeded are kept" };
    }
    for (const [digest, blob] of inlinedBlobsOf(bytes)) cas.put(blob, digest);
    if (!isComplete(result, cas)) {
      return { kind: "incomplete", reason: "it names blobs that are not here" };
    }
    actionCache.write(key, result);
    this.traffic.count("action-cache", "writes");
    this.#added(bytes.byteLength);
    return kept;
  }

  /** Those of `digests` that are not here. */
  missingOf(digests: readonly Digest[]): readonly Digest[] {
    const { cas } = this.#parts.store;
    return digests.filter((digest) => !cas.has(digest));
  }

  /** The digest of the blob with the SHA-256 `hash`; undefined when it is not here. */
  digestOfHash(hash: string): Digest | undefined {
    return this.#parts.store.cas.digestOfHash(hash);
  }

  /** A blob that fits in memory; undefined when it is not here. */
  readBlob(digest: Digest): Uint8Array | undefined {
    const bytes = this.#parts.store.cas.read(digest);
    this.traffic.count("cas", bytes === undefined ? "misses" : "hits");
    if (bytes !== undefined) this.traffic.sentBytes += bytes.byteLength;
    return bytes;
  }

  /** `length` bytes of a blob from `offset` on, as far as it goes; undefined when it is not here. */
  openBlob(
    digest: Digest,
    { offset, length }: { readonly offset: number; readonly length: number },
  ): AsyncIterable<Buffer> | undefined {
    const path = this.#parts.store.cas.locate(digest);
    this.traffic.count("cas", path === undefined ? "misses" : "hits");
    if (path === undefined) return undefined;
    const end = Math.min(offset + length, splitDigest(digest).sizeBytes);
    this.traffic.sentBytes += Math.max(0, end - offset);
    if (end <= offset) return nothing();
    return createReadStream(path, { start: offset, end: end - 1, highWaterMark: pieceBytes });
  }

  /** Keeps `bytes`, if they are what `digest` names. */
  writeBlob(digest: Digest, bytes: Uint8Array): Taken {
    if (digestOf(bytes) !== digest) return wrongBytes;
    const problem = this.problemOf(digest);
    if (problem !== undefined) return problem;
    this.#parts.store.cas.put(bytes, digest);
    this.traffic.count("cas", "writes");
    this.traffic.receivedBytes += bytes.byteLength;
    this.#added(bytes.byteLength);
    return kept;
  }

  /** Why the blob `digest` cannot be taken in; undefined when it can. */
  problemOf(digest: Digest): Taken | undefined {
    const { maxSizeBytes } = this.#parts.limits;
    if (splitDigest(digest).sizeBytes <= maxSizeBytes) return undefined;
    return { kind: "too-large", reason: `this cache holds ${maxSizeBytes} bytes` };
  }

  /**
   * Keeps the blob in `pieces`, if it has the SHA-256 and no more bytes than stated. Where the size
   * is not stated, any is right.
   */
  async writePieces(
    { hash, sizeBytes }: { readonly hash: string; readonly sizeBytes: number | undefined },
    pieces: AsyncIterable<Uint8Array>,
  ): Promise<Taken> {
    const { store, limits } = this.#parts;
    const most = Math.min(limits.maxSizeBytes, sizeBytes ?? Infinity);
    const path = store.cas.temporaryPath();
    makeDirectory(dirname(path));
    const draft = openSync(path, "wx", 0o644);
    let isOpen = true;
    const close = () => {
      if (isOpen) closeSync(draft);
      isOpen = false;
    };
    try {
      const actual = digestStream();
      let written = 0;
      for await (const piece of pieces) {
        written += piece.byteLength;
        this.traffic.receivedBytes += piece.byteLength;
        if (written > most) return written > (sizeBytes ?? Infinity) ? wrongBytes : tooLarge;
        actual.update(piece);
        append(draft, piece, path);
      }
      const found = splitDigest(actual.digest());
      if (found.hash !== hash || found.sizeBytes !== (sizeBytes ?? written)) return wrongBytes;
      close();
      store.cas.importFile(path, { move: true });
      this.traffic.count("cas", "writes");
      this.#added(written);
      return kept;
    } finally {
      close();
      rmSync(path, { force: true });
    }
  }

  /** Removes what is too much or too old. */
  collect(): void {
    const { store, limits } = this.#parts;
    this.#uncollectedBytes = 0;
    store.close();
    store.collect({ ...limits, sparesRecent: false, sparesDrafts: true });
  }

  /** Tells other processes what was added. */
  close(): void {
    this.#parts.store.close();
  }

  #added(sizeBytes: number): void {
    this.#uncollectedBytes += sizeBytes;
    const { maxSizeBytes } = this.#parts.limits;
    if (this.#uncollectedBytes >= Math.min(collectEveryBytes, maxSizeBytes / 16)) this.collect();
  }

  /** Tools other than ours name a Tree, and not the directory at its top. */
  #rootOf(tree: Digest): Digest | undefined {
    const bytes = this.#parts.store.cas.read(tree);
    const found = bytes === undefined ? undefined : decodeTree(bytes);
    return found === undefined ? undefined : digestOf(encodeDirectory(found.root));
  }
}

/** Throws a StoreError. */
function append(draft: number, bytes: Uint8Array, path: string): void {
  try {
    writeAll(draft, bytes);
  } catch (cause) {
    throw writeError(cause, path);
  }
}

const wrongBytes: Taken = { kind: "wrong", reason: "the bytes are not what the digest says" };
const tooLarge: Taken = { kind: "too-large", reason: "it is larger than this cache" };

async function* nothing(): AsyncIterable<Buffer> {
  yield* [];
}
