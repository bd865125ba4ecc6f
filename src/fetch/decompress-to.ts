import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

import { checkedFormat } from "./archive-format.ts";
import { decompressed } from "./decompress.ts";
import { FetchError } from "./fetch-error.ts";

/**
 * Writes what the file `path`, compressed with gzip, xz, bzip2 or zstd, holds to the file `into`.
 * Its first bytes say how. Throws a FetchError for one that is not, or not whole.
 */
export async function decompressTo(path: string, into: string, signal: AbortSignal): Promise<void> {
  const format = checkedFormat(path, undefined);
  if (format === "zip") throw new FetchError("unknown-format", `${path} is a zip archive`);
  const searchPath = "/usr/local/bin:/usr/bin:/bin";
  await pipeline(decompressed(path, format, { signal, searchPath }), createWriteStream(into), {
    signal,
  });
}
