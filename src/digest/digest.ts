// Content identity: SHA-256 and size. Knows no file and no store.

import { createHash, hash } from "node:crypto";

import type { Brand } from "../base/brand.ts";

/**
 * Names a blob by its content: lower-case SHA-256 hex, "/", size in bytes.
 * A plain string, so digests compare with `===` and can key a Map.
 *
 * Source: REAPI v2 `Digest`, in the `{hash}/{size_bytes}` form of resource names.
 */
export type Digest = Brand<string, "Digest">;

/** The digest of the blob of no bytes. */
export const emptyDigest = digestOf(new Uint8Array(0));

/** The digest of `bytes`; text is taken as UTF-8. */
export function digestOf(bytes: Uint8Array | string): Digest {
  const sizeBytes = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.byteLength;
  return `${hash("sha256", bytes, "hex")}/${sizeBytes}` as Digest;
}

/** A digest of bytes that arrive in pieces: `update` each, then `digest` once. */
export function digestStream(): { update(bytes: Uint8Array): void; digest(): Digest } {
  const sha256 = createHash("sha256");
  let sizeBytes = 0;
  return {
    update: (bytes) => {
      sha256.update(bytes);
      sizeBytes += bytes.byteLength;
    },
    digest: () => `${sha256.digest("hex")}/${sizeBytes}` as Digest,
  };
}

/** `text` as a digest; undefined unless it has exactly the form above. */
export function parseDigest(text: string): Digest | undefined {
  return /^[0-9a-f]{64}\/(0|[1-9]\d*)$/.test(text) ? (text as Digest) : undefined;
}

/** The parts of `digest`: 64 hex digits, and the size in bytes. */
export function splitDigest(digest: Digest): { hash: string; sizeBytes: number } {
  return { hash: digest.slice(0, 64), sizeBytes: Number(digest.slice(65)) };
}
