import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { download } from "./download.ts";
import type { FetchContext } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import type { ReadManifest } from "./manifest-catalog.ts";

/** More than that is no manifest, and takes a parser of YAML too long. */
export const limitBytes = 8 * 2 ** 20;

/** Reads manifests from addresses and paths; `directory` is for what is not read yet. */
export function manifestReader(directory: string, context: FetchContext): ReadManifest {
  return async (address) => {
    mkdirSync(directory, { recursive: true });
    const place = mkdtempSync(join(directory, "manifest-"));
    try {
      const to = join(place, "text");
      await download({ urls: [address], checksums: [], to, limitBytes }, context);
      return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(to));
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new FetchError("bad-manifest", `${address} is not text`, { cause });
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  };
}
