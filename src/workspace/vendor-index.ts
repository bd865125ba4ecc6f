// Sources that the workspace has in itself, and which directory is which. Knows no network.

import { posix } from "node:path";

import type { RemoteSource } from "../action/remote-source.ts";
import type { Report, Source } from "../diagnostic/diagnostic.ts";
import { parseDocument } from "../document/document.ts";
import type { FileView } from "./files.ts";
import {
  digestOfPin,
  imagePinNameOf,
  lockFileName,
  type LockedPin,
  pinName,
  readLockFile,
  readPin,
  textOf,
} from "./lock-file.ts";

/** The file that says which directory of a vendor directory is which source. */
export const vendorFileName = "kraft.vendor.yaml";

/** Where vendored sources are looked for. */
export interface VendorRequest {
  /** Absolute. */
  readonly root: string;
  /** Absolute; undefined: nothing is vendored. */
  readonly directory: string | undefined;
  readonly files: FileView;
  readonly report: Report;
}

/** Gives the absolute directory that a source is vendored in; undefined when it is in none. */
export type VendoredAt = (source: RemoteSource) => string | undefined;

/**
 * What is vendored. It is read when something is first looked for; what is another commit, or
 * another file, than the lock file says is reported.
 */
export function vendoredIn(request: VendorRequest): VendoredAt {
  const { directory } = request;
  if (directory === undefined) return () => undefined;
  let places: ReadonlyMap<string, string> | undefined;
  return (source) => {
    places ??= readPlaces(directory, request);
    const place = places.get(vendorNameOf(source));
    return place === undefined ? undefined : posix.join(directory, place);
  };
}

/** What tells `source` from others in a vendor directory, pinned or not. */
export function vendorNameOf(source: RemoteSource): string {
  if (source.kind === "git") return pinName(source);
  if (source.kind === "image") return pinName(imagePinNameOf(source));
  return pinName({ kind: source.kind, url: source.urls[0] });
}

function readPlaces(
  directory: string,
  { root, files, report }: VendorRequest,
): ReadonlyMap<string, string> {
  const path = posix.join(directory, vendorFileName);
  const text = files.read(path);
  const places = new Map<string, string>();
  if (text === undefined) {
    const message = `there is no ${vendorFileName} in ${directory}, which \`sources.vendor\` names`;
    const help = '"kraft-graph vendor" makes it';
    report({ severity: "error", code: "stale-vendor", message, help });
    return places;
  }
  const source: Source = { path: posix.relative(root, path), text };
  const document = parseDocument(source, report);
  const list = document?.kind === "map" ? document.entries.get("sources")?.value : undefined;
  const locked = readLocked(root, files);
  for (const item of list?.kind === "list" ? list.items : []) {
    const pin = readPin(item);
    const place = item.kind === "map" ? textOf(item, "directory") : undefined;
    if (pin === undefined || place === undefined) continue;
    reportStale(pin, locked.get(pinName(pin)), report);
    places.set(pinName(pin), place);
  }
  return places;
}

/** Mistakes in the lock file are told by who fetches. */
function readLocked(root: string, files: FileView): ReadonlyMap<string, LockedPin> {
  const text = files.read(posix.join(root, lockFileName));
  return text === undefined
    ? new Map()
    : readLockFile({ path: lockFileName, text }, () => undefined);
}

function reportStale(pin: LockedPin, locked: LockedPin | undefined, report: Report): void {
  const [here, there] = [pin, locked].map((one) => one && digestOfPin(one));
  if (there === undefined || here === there) return;
  report({
    severity: "error",
    code: "stale-vendor",
    message: `${pin.url} is vendored as ${here}, and locked as ${there}`,
    at: pin.at,
    help: '"kraft-graph vendor" writes what is locked',
  });
}
