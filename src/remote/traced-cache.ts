// A remote cache that tells how long each request to it took. Changes none.

import type { Host } from "../base/host.ts";
import { type Digest, splitDigest } from "../digest/digest.ts";
import type { RemoteCache } from "./remote-cache.ts";

/** A request that is over, with all its attempts. */
export interface RemoteCall {
  readonly call: Exclude<keyof RemoteCache, "close">;
  readonly wallMs: number;
  /** Whether it had an answer: that there is nothing is one. */
  readonly ok: boolean;
  /** How many blobs it was about; absent: it was about none. */
  readonly blobs?: number;
  readonly bytes?: number;
}

/** `cache`, of which each request is told to `tell` when it is over. */
export function tracedCache(
  cache: RemoteCache,
  { now, tell }: Pick<Host, "now"> & { readonly tell: (call: RemoteCall) => void },
): RemoteCache {
  let isClosed = false;
  const timed = async <T>(
    call: RemoteCall["call"],
    digests: readonly Digest[] | undefined,
    run: () => Promise<T>,
  ): Promise<T> => {
    const start = now();
    const about = digests === undefined ? {} : { blobs: digests.length, bytes: bytesOf(digests) };
    const end = (ok: boolean): void => {
      // What was under way when it was closed is nobody's concern: its build is over.
      if (!isClosed) tell({ call, wallMs: now() - start, ok, ...about });
    };
    try {
      const answer = await run();
      end(true);
      return answer;
    } catch (error) {
      end(false);
      throw error;
    }
  };
  return {
    abilities: () => timed("abilities", undefined, () => cache.abilities()),
    readResult: (key) => timed("readResult", undefined, () => cache.readResult(key)),
    writeResult: (key, bytes) =>
      timed("writeResult", undefined, () => cache.writeResult(key, bytes)),
    findMissing: (digests) => timed("findMissing", digests, () => cache.findMissing(digests)),
    readBatch: (digests) => timed("readBatch", digests, () => cache.readBatch(digests)),
    writeBatch: (blobs) => timed("writeBatch", [...blobs.keys()], () => cache.writeBatch(blobs)),
    readBlob: (digest, take) => timed("readBlob", [digest], () => cache.readBlob(digest, take)),
    writeBlob: (digest, source) =>
      timed("writeBlob", [digest], () => cache.writeBlob(digest, source)),
    close: () => {
      isClosed = true;
      cache.close();
    },
  };
}

function bytesOf(digests: readonly Digest[]): number {
  return digests.reduce((sum, digest) => sum + splitDigest(digest).sizeBytes, 0);
}
