// Files of manifests on this machine, as they were when they were last asked for. Knows no network.

import { isAbsolute, join } from "node:path";

import { digestOf } from "../digest/digest.ts";
import { publicAddress } from "./address.ts";
import { FetchError } from "./fetch-error.ts";
import type { ReadManifest } from "./manifest-catalog.ts";

/** Gives the text of a file of this machine; undefined when it is not there. */
export type ReadText = (path: string) => string | undefined;

/** Reads what is kept in `directory`, and files of this machine, with `read`. It asks no server. */
export function keptManifests(directory: string, read: ReadText): ReadManifest {
  return (address) => {
    const text = read(keptAt(directory, address));
    if (text !== undefined) return text;
    if (isAbsolute(address)) throw new FetchError("not-found", `${address} does not exist`);
    const help = '"kraft-graph pkg update" fetches it';
    throw new FetchError("not-found", `${publicAddress(address)} was never fetched`, { help });
  };
}

/** Where the file at `address` is, or will be, kept; a path is itself. */
export function keptAt(directory: string, address: string): string {
  return isAbsolute(address) ? address : join(directory, digestOf(address).slice(0, 32));
}
