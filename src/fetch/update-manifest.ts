// A file of manifests of a server → the same on this machine.

import { mkdirSync, readFileSync } from "node:fs";

import { digestOf } from "../digest/digest.ts";
import { openTemporary } from "../store/temporary.ts";
import { removeFile, writeWhole } from "../store/whole-file.ts";
import { publicAddress } from "./address.ts";
import { download } from "./download.ts";
import type { FetchContext } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import { keptAt } from "./kept-manifests.ts";

/** A file of manifests. */
export interface ManifestPlace {
  /** Its name. */
  readonly address: string;
  /** Where to ask for it, in order. */
  readonly urls: readonly string[];
}

/** Asks the servers of `place`, keeps in `directory` what one answers, and fetches nothing that is still so. */
export async function updateManifest(
  { address, urls }: ManifestPlace,
  directory: string,
  context: FetchContext,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const to = keptAt(directory, address);
  const etag = etagOf(to);
  const request = { urls, checksums: [], to, limitBytes, ...(etag && { etag }) };
  const found = await download(request, context);
  // With the digest, as another update may put another file there meanwhile.
  const about = JSON.stringify({ etag: found.etag, sha256: found.sha256 });
  writeWhole(openTemporary(directory), `${to}.json`, Buffer.from(about));
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(to));
  } catch (cause) {
    removeFile(to);
    const shown = publicAddress(address);
    throw new FetchError("bad-manifest", `${shown} is not text`, { cause });
  }
}

/** More than that is no manifest, and takes a parser of YAML too long. */
const limitBytes = 8 * 2 ** 20;

/** What the server called the file at `path`; undefined unless it is that very file. */
function etagOf(path: string): string | undefined {
  try {
    const about: unknown = JSON.parse(readFileSync(`${path}.json`, "utf8"));
    const { etag, sha256 } = about as { readonly etag?: string; readonly sha256?: string };
    return digestOf(readFileSync(path)).startsWith(`${sha256}/`) ? etag : undefined;
  } catch {
    return undefined;
  }
}
