// Files of manifests on this machine, as they were when they were last asked for.

import { mkdirSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";

import { digestOf } from "../digest/digest.ts";
import { openTemporary } from "../store/temporary.ts";
import { removeFile, writeWhole } from "../store/whole-file.ts";
import { publicAddress } from "./address.ts";
import { download } from "./download.ts";
import type { FetchContext } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import type { ReadManifest } from "./manifest-catalog.ts";

/** Gives the text of a file of this machine; undefined when it is not there. */
export type ReadText = (path: string) => string | undefined;

/** Reads what is kept in `directory`, and files of this machine, with `read`. It asks no server. */
export function keptManifests(directory: string, read: ReadText): ReadManifest {
  return (address) => {
    const isLocal = isAbsolute(address);
    const text = read(isLocal ? address : placeOf(directory, address));
    if (text !== undefined) return text;
    if (isLocal) throw new FetchError("not-found", `${address} does not exist`);
    const help = '"kraft-graph pkg update" fetches it';
    throw new FetchError("not-found", `${publicAddress(address)} was never fetched`, { help });
  };
}

/** Asks the server of `address`, keeps in `directory` what it answers, and fetches nothing that is still so. */
export async function updateManifest(
  address: string,
  directory: string,
  context: FetchContext,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const to = placeOf(directory, address);
  const etag = etagOf(to);
  const request = { urls: [address], checksums: [], to, limitBytes, ...(etag && { etag }) };
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
