// What a cache that other machines share can do, whatever its protocol. Knows no action graph.

import type { Digest } from "../digest/digest.ts";

/**
 * A remote cache. Nothing that it gives is checked: bytes may be anyone's. Each method tries
 * again where that may help, throws a RemoteError otherwise, and ends early, with a RemoteError
 * of kind `off`, when the breaker that it was opened with has tripped.
 */
export interface RemoteCache {
  /** To be asked first. Throws when the server is none that can be used. */
  readonly abilities: () => Promise<RemoteAbilities>;
  /** The encoded REAPI `ActionResult` of `key`; undefined when there is none. */
  readonly readResult: (key: Digest) => Promise<Uint8Array | undefined>;
  /** Publishes the encoded `ActionResult`, of which all blobs must be there. */
  readonly writeResult: (key: Digest, result: Uint8Array) => Promise<void>;
  /** Those of `digests` that it lacks. */
  readonly findMissing: (digests: readonly Digest[]) => Promise<readonly Digest[]>;
  /** Those of `digests` that it has, which together keep to the limits of a batch. */
  readonly readBatch: (digests: readonly Digest[]) => Promise<ReadonlyMap<Digest, Uint8Array>>;
  /** Stores blobs that together keep to the limits of a batch; gives those that it refused. */
  readonly writeBatch: (blobs: ReadonlyMap<Digest, Uint8Array>) => Promise<readonly Digest[]>;
  /** Hands the bytes of a blob to `take`, in order. Throws `missing` when it has no such blob. */
  readonly readBlob: (digest: Digest, take: (bytes: Uint8Array) => void) => Promise<void>;
  /** Stores a blob of any size. */
  readonly writeBlob: (digest: Digest, source: BlobSource) => Promise<void>;
  /** Ends connections. */
  readonly close: () => void;
}

/** What a server can and may be asked. */
export interface RemoteAbilities {
  /** Whether it takes results from anyone at all. */
  readonly canUpdate: boolean;
  readonly batch: BatchLimits;
  /** Whether one request tells of many blobs whether they are there, and not one of each. */
  readonly asksMany: boolean;
  /** The size from which blobs are refused. */
  readonly maxBlobBytes: number;
}

/** How much goes into one batch. */
export interface BatchLimits {
  /** Of all its blobs; a blob that is larger goes alone, by `readBlob` and `writeBlob`. */
  readonly totalBytes: number;
  readonly blobs: number;
}

/** The bytes of a blob that is to be sent, from `offset` on. */
export type BlobSource = (offset: number) => AsyncIterable<Uint8Array>;

/** How a backend is opened. */
export interface RemoteOptions {
  /** REAPI's instance name, or a folder at an HTTP server; may be empty. */
  readonly instance: string;
  /** Sent along with each request. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly tls: TlsFiles;
  /** How long to wait for an answer, or for the next bytes of one. */
  readonly timeoutMs: number;
  readonly toolVersion: string;
}

/** PEM texts; absent: the system's authorities, and no certificate of our own. */
export interface TlsFiles {
  readonly authorities?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}
