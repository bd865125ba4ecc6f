import { digestOf, splitDigest } from "../digest/digest.ts";

/** The digest of `bytes` as registries have it: `sha256:` and hex. */
export function registryDigestOf(bytes: Uint8Array | string): string {
  return `sha256:${splitDigest(digestOf(bytes)).hash}`;
}
