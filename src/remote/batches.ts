import { type Digest, splitDigest } from "../digest/digest.ts";
import type { BatchLimits } from "./remote-cache.ts";

/** `digests` in their order, in groups that keep to `limits`; a blob that is too large goes alone. */
export function packBatches(digests: readonly Digest[], limits: BatchLimits): Digest[][] {
  const batches: Digest[][] = [];
  let [current, totalBytes]: [Digest[], number] = [[], 0];
  for (const digest of digests) {
    const { sizeBytes } = splitDigest(digest);
    const isFull = current.length === limits.blobs || totalBytes + sizeBytes > limits.totalBytes;
    if (isFull && current.length > 0) {
      batches.push(current);
      [current, totalBytes] = [[], 0];
    }
    current.push(digest);
    totalBytes += sizeBytes;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
