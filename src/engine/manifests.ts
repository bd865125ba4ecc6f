// The manifest indexes that a workspace names: what is known of them, and what they say by now.

import { existsSync, readFileSync } from "node:fs";
import { isAbsolute } from "node:path";

import { FetchError } from "../fetch/fetch-error.ts";
import { ManifestCatalog, type ReadManifest } from "../fetch/manifest-catalog.ts";
import { keptManifests } from "../fetch/kept-manifests.ts";
import { updateManifest } from "../fetch/update-manifest.ts";
import type { Channel, Manifest, Version } from "../fetch/manifest.ts";
import type { Host } from "../base/host.ts";
import { eachOf } from "./each-of.ts";
import { fetchContextOf } from "./fetch-options.ts";
import { keptManifestsOf, manifestDirectory, manifestSources } from "./kept-manifests.ts";
import { addressesOf } from "./mirrored.ts";
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

/** What is known on this machine, without asking anybody. */
export function knownManifests(repository: Repository): KnownManifests {
  return readAll(repository, keptManifestsOf(repository));
}

/** What servers say by now, which is known from then on. */
export async function updateManifests(
  repository: Repository,
  host: Host,
  signal: AbortSignal,
): Promise<KnownManifests> {
  const context = fetchContextOf(host, { signal, onProgress: () => undefined });
  const directory = manifestDirectory(repository);
  const mirrors = repository.settings.values["sources.mirrors"].value;
  const read = keptManifests(directory, textAt);
  const asked = new Map<string, FetchError | undefined>();
  for (;;) {
    const next = new Set<string>();
    const known = readAll(repository, (address) => {
      const problem = asked.get(address);
      if (problem !== undefined) throw problem;
      if (isAbsolute(address) || asked.has(address)) return read(address);
      next.add(address);
      return "manifests: []"; // Until it is here, so that all that is missing is found at once.
    });
    // What a file names is known once it is here.
    if (next.size === 0) return known;
    await eachOf([...next], async (address) => {
      const urls = addressesOf(address, mirrors);
      const update = (): Promise<void> => updateManifest({ address, urls }, directory, context);
      asked.set(address, await attempt(update));
    });
  }
}

function textAt(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** The FetchError that `work` throws; undefined when it throws none. */
async function attempt(work: () => Promise<void>): Promise<FetchError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof FetchError) return error;
    throw error;
  }
}

/** One source that cannot be had leaves the others be. */
function readAll(repository: Repository, read: ReadManifest): KnownManifests {
  const manifests = new Map<string, Manifest>();
  const problems: Error[] = [];
  const warnings: string[] = [];
  const tried = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  for (const source of manifestSources(repository)) {
    const catalog = new ManifestCatalog([source], read);
    for (const listed of tried(() => catalog.list()) ?? []) {
      const one = tried(() => catalog.inFull(listed));
      if (one === undefined) continue;
      const name = nameOf(one.manifest);
      // Of several that tell of a component, the first counts.
      if (!manifests.has(name)) manifests.set(name, one.manifest);
    }
    warnings.push(...catalog.problems());
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
