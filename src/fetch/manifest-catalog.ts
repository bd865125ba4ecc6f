// Files of manifests that name one another → components by name. Knows no network.

import { didYouMean } from "../diagnostic/suggest.ts";
import { type ComponentName, formatComponentName } from "./component-name.ts";
import { FetchError } from "./fetch-error.ts";
import { type Manifest, type ManifestFile, parseManifestFile } from "./manifest.ts";
import { chooseSource, type ComponentSource, linkTarget } from "./manifest-choice.ts";

/** Gives the text at an address; throws a FetchError. */
export type ReadManifest = (address: string) => string;

/** A manifest, and where it stands. */
export interface Listed {
  readonly manifest: Manifest;
  readonly address: string;
}

/** How many files may name the next; an index names manifests, and that is all. */
const depthLimit = 5;
/** How many files one source may have. */
const fileLimit = 10_000;

/** All that `sources`, the addresses of indexes and manifests, tell of. It reads what is asked for. */
export class ManifestCatalog {
  readonly #sources: readonly string[];
  readonly #read: ReadManifest;
  readonly #files = new Map<string, ManifestFile>();

  constructor(sources: readonly string[], read: ReadManifest) {
    this.#sources = sources;
    this.#read = read;
  }

  /** What was left out of the files that were read so far: `ADDRESS:line:column: message`. */
  problems(): readonly string[] {
    return [...this.#files.values()].flatMap(({ problems }) => problems);
  }

  /** All components, in the order of the sources and of their files; what is linked to is not read. */
  list(): readonly Listed[] {
    return this.#sources.flatMap((source) => this.#listedAt(source, 0, new Set()));
  }

  /** `listed` with its versions, which another file may have. */
  inFull(listed: Listed): Listed {
    return this.#whole(listed, 0);
  }

  /**
   * Where the component is, in a version that is for `core` if there are several. Of the sources
   * that tell of it, the first counts which has the version. Throws a FetchError.
   */
  resolve(wanted: ComponentName, core?: string): ComponentSource {
    let problem: FetchError | undefined;
    for (const source of this.#sources) {
      const found = this.#listedAt(source, 0, new Set()).filter(({ manifest }) =>
        isMeant(manifest, wanted),
      );
      const [first, second] = found;
      if (first === undefined) continue;
      if (second !== undefined && second.manifest.type !== first.manifest.type) {
        throw ambiguous(wanted, found);
      }
      try {
        const { manifest, address } = this.#whole(first, 0);
        return chooseSource(manifest, { version: wanted.version, core }, address);
      } catch (error) {
        if (!(error instanceof FetchError) || error.code !== "unknown-component") throw error;
        problem ??= error;
      }
    }
    throw problem ?? this.#unknown(wanted);
  }

  /** Whether any source tells of a component of that name, in whatever version. */
  tellsOf(wanted: ComponentName): boolean {
    return this.list().some(({ manifest }) => isMeant(manifest, wanted));
  }

  /** Manifests of the file at `address`, and of files that it names without saying of what. */
  #listedAt(address: string, depth: number, seen: Set<string>): readonly Listed[] {
    if (seen.has(address)) return []; // What names itself adds nothing.
    seen.add(address);
    if (depth > depthLimit || seen.size > fileLimit) throw tooMany(address);
    const { manifests, links } = this.#file(address);
    const all: Listed[] = manifests.map((manifest) => ({ manifest, address }));
    for (const link of links) {
      const next = linkTarget(link, address, false);
      all.push(...this.#listedAt(next, depth + 1, seen));
    }
    return all;
  }

  /** `listed`, or what it links to when it says nothing of its versions itself. */
  #whole(listed: Listed, depth: number): Listed {
    const { manifest, address } = listed;
    const isWhole = manifest.channels.length + manifest.versions.length > 0;
    if (isWhole || manifest.link === undefined) return listed;
    const next = linkTarget(manifest.link, address, false);
    if (next === address || depth >= depthLimit) throw tooMany(next);
    const { manifests } = this.#file(next);
    const same = manifests.find(
      ({ name, type }) => name === manifest.name && type === manifest.type,
    );
    if (same === undefined) {
      const shown = formatComponentName({ ...manifest, version: undefined });
      throw new FetchError("bad-manifest", `${next} does not tell of ${shown}`);
    }
    return this.#whole({ manifest: same, address: next }, depth + 1);
  }

  #file(address: string): ManifestFile {
    const known = this.#files.get(address);
    if (known !== undefined) return known;
    const file = parseManifestFile(this.#read(address), address);
    this.#files.set(address, file);
    return file;
  }

  #unknown(wanted: ComponentName): FetchError {
    const names = this.list().map(({ manifest }) => manifest.name);
    const shown = formatComponentName({ ...wanted, version: undefined });
    const options = didYouMean(wanted.name, names);
    return new FetchError("unknown-component", `no manifest tells of ${shown}`, options);
  }
}

function isMeant(manifest: Manifest, { type, name }: ComponentName): boolean {
  return manifest.name === name && (type === undefined || manifest.type === type);
}

function ambiguous(wanted: ComponentName, found: readonly Listed[]): FetchError {
  const all = found.map(({ manifest: { type, name } }) =>
    formatComponentName({ type, name, version: wanted.version }),
  );
  return new FetchError("unknown-component", `${wanted.name} may be ${all.join(" or ")}`, {
    help: "say which of them",
  });
}

function tooMany(address: string): FetchError {
  return new FetchError("bad-manifest", `${address}: manifests name one another without end`);
}
