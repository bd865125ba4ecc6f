// Which manifests a workspace names, and what is kept of them. Knows no network.

import { join, posix } from "node:path";

import { keptManifests } from "../fetch/kept-manifests.ts";
import type { ReadManifest } from "../fetch/manifest-catalog.ts";
import type { Repository } from "./repository.ts";

/** Where manifests are named, and with what they are read. */
export interface ManifestPlace extends Pick<Repository, "root" | "settings"> {
  readonly files: { readonly read: (path: string) => string | undefined };
}

/** The addresses of indexes and manifests, as the settings have them; paths are absolute. */
export function manifestSources({
  root,
  settings,
}: Pick<Repository, "root" | "settings">): readonly string[] {
  const { value } = settings.values["sources.manifests"];
  return value.map((source) => (source.includes("://") ? source : posix.resolve(root, source)));
}

/** Reads what `pkg update` has kept of manifests, and files of this machine. */
export function keptManifestsOf({ files, ...place }: ManifestPlace): ReadManifest {
  return keptManifests(manifestDirectory(place), (path) => files.read(path));
}

/** Where `pkg update` keeps manifests; absolute. */
export function manifestDirectory({ settings }: Pick<Repository, "settings">): string {
  return join(settings.values["cache.dir"].value, "manifests");
}
