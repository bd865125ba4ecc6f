import { createReadStream, statSync } from "node:fs";

import { errorCode, readError } from "../store/store-error.ts";
import type { FetchContext } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import type { PartialFile } from "./partial-file.ts";

/** Copies the regular file `path` into `part`. Throws a FetchError or a StoreError. */
export async function copyFile(
  path: string,
  part: PartialFile,
  { signal, onProgress }: FetchContext,
  limitBytes: number,
): Promise<void> {
  const total = sizeOf(path);
  if (total > limitBytes) throw tooLarge(path, limitBytes);
  part.restart({ etag: undefined, lastModified: undefined });
  onProgress(0, total);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    part.append(chunk);
    // It may grow while it is read.
    if (part.sizeBytes > limitBytes) throw tooLarge(path, limitBytes);
    onProgress(part.sizeBytes, total);
  }
}

/** A device or a pipe would never end. */
function sizeOf(path: string): number {
  try {
    const found = statSync(path);
    if (found.isFile()) return found.size;
  } catch (cause) {
    const code = errorCode(cause);
    if (code !== "ENOENT" && code !== "ENOTDIR") throw readError(cause, path);
    throw new FetchError("not-found", `${path} does not exist`, { cause });
  }
  throw new FetchError("not-found", `${path} is not a file`);
}

function tooLarge(path: string, limitBytes: number): FetchError {
  return new FetchError("too-large", `${path} is larger than ${limitBytes} bytes`);
}
