// A file → the same, compressed: the same bytes each time. Knows no archive.

import { createReadStream } from "node:fs";
import { createGzip } from "node:zlib";

import { filtered } from "./decompress.ts";

/** How layers of images can be packed. */
export type Packing = "gzip" | "zstd";

/** The bytes of the file `path`, compressed. Throws a FetchError where a program is missing. */
export async function* compressed(
  path: string,
  packing: Packing,
  { signal, searchPath }: { readonly signal: AbortSignal; readonly searchPath: string },
): AsyncGenerator<Uint8Array> {
  if (packing === "zstd") yield* filtered(path, zstd, { signal, searchPath });
  else yield* gzipped(path, signal);
}

/** On one thread, as with several the bytes depend on how many. */
const zstd = {
  program: "zstd",
  args: ["--compress", "--stdout", "--quiet", "--no-progress", "--single-thread", "-3"],
  package: "zstd",
} as const;

async function* gzipped(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: chunkBytes, signal });
  const gzip = createGzip({ level: 6, chunkSize: chunkBytes });
  file.on("error", (error) => gzip.destroy(error));
  let isFirst = true;
  try {
    for await (const piece of file.pipe(gzip)) {
      const bytes = piece as Buffer;
      // The header names the system that zlib was built for, which is no part of the content.
      if (isFirst) bytes[systemOffset] = unknownSystem;
      isFirst = false;
      yield bytes;
    }
  } finally {
    file.destroy();
    gzip.destroy();
  }
}

const chunkBytes = 1 << 20;
/** Source: RFC 1952, 2.3.1, "OS". */
const systemOffset = 9;
const unknownSystem = 255;
