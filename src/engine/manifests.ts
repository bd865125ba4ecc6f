// The manifest indexes that a workspace names: what is known of them, and what they say by now.

import { join, posix } from "node:path";

import { ManifestCatalog, type ReadManifest } from "../fetch/manifest-catalog.ts";
import { keptManifests, updatedManifests } from "../fetch/manifest-cache.ts";
import type { Channel, Manifest, Version } from "../fetch/manifest.ts";
import type { Host } from "../base/host.ts";
import { fetchContextOf } from "./fetching.ts";
import type { Repository } from "./repository.ts";

/** What is known of components, and what went wrong on the way. */
export interface KnownManifests {
  readonly manifests: readonly Manifest[];
  /** Errors of fetching, and of files that make no sense. */
  readonly problems: readonly Error[];
  /** Entries that were left out: `ADDRESS:line:column: message`. */
  readonly warnings: readonly string[];
}

/** A change of what manifests say of a component. */
export interface ManifestChange {
  readonly kind: "added" | "changed" | "removed";
  /** Such as `lib/musl`. */
  readonly name: string;
  /** Of what changed: in words. */
  readonly details: readonly string[];
}

/** The addresses of indexes and manifests, as the settings have them; paths are absolute. */
export function manifestSources({ root, settings }: Repository): readonly string[] {
  const { value } = settings.values["sources.manifests"];
  return value.map((source) => (source.includes("://") ? source : posix.resolve(root, source)));
}

/** What is known on this machine, without asking anybody. */
export function knownManifests(repository: Repository): Promise<KnownManifests> {
  return readAll(repository, keptManifests(placeOf(repository)));
}

/** What servers say by now, which is known from then on. */
export async function updateManifests(
  repository: Repository,
  host: Host,
  signal: AbortSignal,
): Promise<KnownManifests> {
  const context = fetchContextOf(host, { signal, onProgress: () => undefined });
  return readAll(repository, updatedManifests(placeOf(repository), context));
}

function placeOf({ settings }: Repository): string {
  return join(settings.values["cache.dir"].value, "manifests");
}

/** Files that are fetched at once. */
const atOnce = 8;

/** One source that cannot be had leaves the others be. */
async function readAll(repository: Repository, read: ReadManifest): Promise<KnownManifests> {
  const manifests = new Map<string, Manifest>();
  const problems: Error[] = [];
  const warnings: string[] = [];
  const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "FetchError") throw error;
      problems.push(error);
      return undefined;
    }
  };
  for (const source of manifestSources(repository)) {
    const catalog = new ManifestCatalog([source], read);
    const listed = [...((await attempt(catalog.list())) ?? [])];
    for (let from = 0; from < listed.length; from += atOnce) {
      const some = listed.slice(from, from + atOnce);
      const whole = await Promise.all(some.map((one) => attempt(catalog.inFull(one))));
      for (const one of whole) {
        if (one === undefined) continue;
        const name = nameOf(one.manifest);
        // Of several that tell of a component, the first counts.
        if (!manifests.has(name)) manifests.set(name, one.manifest);
      }
    }
    warnings.push(...((await attempt(catalog.problems())) ?? []));
  }
  const sorted = [...manifests].sort(([a], [b]) => (a < b ? -1 : 1));
  return { manifests: sorted.map(([, one]) => one), problems, warnings };
}

/** What differs between two states of the manifests, by name. */
export function manifestChanges(
  before: readonly Manifest[],
  after: readonly Manifest[],
): readonly ManifestChange[] {
  const old = new Map(before.map((one) => [nameOf(one), one]));
  const now = new Map(after.map((one) => [nameOf(one), one]));
  const changes: ManifestChange[] = [];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(name), now.get(name)];
    if (was === undefined) changes.push({ kind: "added", name, details: [] });
    else if (is === undefined) changes.push({ kind: "removed", name, details: [] });
    else {
      const details = detailsOf(was, is);
      if (details.length > 0) changes.push({ kind: "changed", name, details });
    }
  }
  return changes;
}

function nameOf({ type, name }: Manifest): string {
  return type === "core" ? name : `${type}/${name}`;
}

function detailsOf(was: Manifest, is: Manifest): string[] {
  const version = (one: Version): string => one.version;
  const channel = (one: Channel): string => one.name;
  return [
    ...differences("version", { was: was.versions, is: is.versions, nameOf: version }),
    ...differences("channel", { was: was.channels, is: is.channels, nameOf: channel }),
    ...(was.origin === is.origin ? [] : [`from ${is.origin ?? "nowhere"}`]),
  ];
}

function differences<T>(
  what: string,
  lists: {
    readonly was: readonly T[];
    readonly is: readonly T[];
    readonly nameOf: (one: T) => string;
  },
): string[] {
  const { was, is, nameOf: name } = lists;
  const old = new Map(was.map((one) => [name(one), JSON.stringify(one)]));
  const now = new Map(is.map((one) => [name(one), JSON.stringify(one)]));
  const added = [...now.keys()].filter((one) => !old.has(one));
  const gone = [...old.keys()].filter((one) => !now.has(one));
  const moved = [...now.keys()].filter((one) => old.has(one) && old.get(one) !== now.get(one));
  return [
    ...added.map((one) => `new ${what} ${one}`),
    ...gone.map((one) => `${what} ${one} is gone`),
    ...moved.map((one) => `${what} ${one} moved`),
  ];
}
