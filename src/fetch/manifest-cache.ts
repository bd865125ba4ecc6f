// Files of manifests on this machine, as they were when they were last asked for.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";

import { digestOf } from "../digest/digest.ts";
import { openTemporary } from "../store/temporary.ts";
import { removeFile, writeWhole } from "../store/whole-file.ts";
import { publicAddress } from "./address.ts";
import { download } from "./download.ts";
import type { FetchContext } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import { limitBytes } from "./manifest-reader.ts";
import type { ReadManifest } from "./manifest-catalog.ts";

/** Reads what is kept in `directory`, and files of this machine. It asks no server. */
export function keptManifests(directory: string): ReadManifest {
  return (address) => {
    const path = isAbsolute(address) ? address : placeOf(directory, address);
    if (existsSync(path)) return Promise.resolve(readFileSync(path, "utf8"));
    const message = isAbsolute(address)
      ? `${address} does not exist`
      : `${publicAddress(address)} was never fetched`;
    const help = isAbsolute(address) ? {} : { help: '"kraft-graph pkg update" fetches it' };
    return Promise.reject(new FetchError("not-found", message, help));
  };
}

/** Asks servers, keeps in `directory` what they answer, and fetches nothing that is still so. */
export function updatedManifests(directory: string, context: FetchContext): ReadManifest {
  return async (address) => {
    if (isAbsolute(address)) return keptManifests(directory)(address);
    mkdirSync(directory, { recursive: true });
    const to = placeOf(directory, address);
    const etag = etagOf(to);
    const request = { urls: [address], checksums: [], to, limitBytes, ...(etag && { etag }) };
    const found = await download(request, context);
    // With the digest, as another update may put another file there meanwhile.
    const about = JSON.stringify({ etag: found.etag, sha256: found.sha256 });
    writeWhole(openTemporary(directory), `${to}.json`, Buffer.from(about));
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(to));
    } catch (cause) {
      removeFile(to);
      const shown = publicAddress(address);
      throw new FetchError("bad-manifest", `${shown} is not text`, { cause });
    }
  };
}

function placeOf(directory: string, address: string): string {
  return join(directory, digestOf(address).slice(0, 32));
}

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
