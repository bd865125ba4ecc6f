// A remote cache that tells how long each request to it took. Changes none.

import type { CallTrace } from "./call-trace.ts";
import type { RemoteCache } from "./remote-cache.ts";

/** `cache`, of which `trace` tells each request when it is over; closing it ends the trace. */
export function tracedCache(cache: RemoteCache, trace: CallTrace): RemoteCache {
  const timed = trace.timed.bind(trace);
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
      trace.end();
      cache.close();
    },
  };
}
