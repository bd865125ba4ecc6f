// Files of manifests that name one another → components by name. Knows no network.

import { didYouMean } from "../diagnostic/suggest.ts";
import { type ComponentName, formatComponentName } from "./component-name.ts";
import { FetchError } from "./fetch-error.ts";
import { type Manifest, type ManifestFile, parseManifestFile } from "./manifest.ts";
import { chooseSource, type ComponentSource, linkTarget } from "./manifest-choice.ts";

/** Gives the text at an address; throws a FetchError. */
export type ReadManifest = (address: string) => Promise<string>;

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
  readonly #files = new Map<string, Promise<ManifestFile>>();

  constructor(sources: readonly string[], read: ReadManifest) {
    this.#sources = sources;
    this.#read = read;
  }

  /** What was left out of the files that were read so far: `ADDRESS:line:column: message`. */
  async problems(): Promise<readonly string[]> {
    // A file that cannot be had was told of to whoever asked for it.
    const files = await Promise.allSettled(this.#files.values());
    return files.flatMap((file) => (file.status === "fulfilled" ? file.value.problems : []));
  }

  /** All components, in the order of the sources and of their files; what is linked to is not read. */
  async list(): Promise<readonly Listed[]> {
    const all: Listed[] = [];
    for (const source of this.#sources) all.push(...(await this.#listedAt(source, 0, new Set())));
    return all;
  }

  /** `listed` with its versions, which another file may have. */
  inFull(listed: Listed): Promise<Listed> {
    return this.#whole(listed, 0);
  }

  /** Where the component is. Of several sources that tell of it, the first counts. */
  async resolve(wanted: ComponentName): Promise<ComponentSource> {
    for (const source of this.#sources) {
      const listed = await this.#listedAt(source, 0, new Set());
      const found = listed.filter(({ manifest }) => isMeant(manifest, wanted));
      const [first, second] = found;
      if (first === undefined) continue;
      if (second !== undefined && second.manifest.type !== first.manifest.type) {
        throw ambiguous(wanted, found);
      }
      const { manifest, address } = await this.#whole(first, 0);
      return chooseSource(manifest, wanted.version, address);
    }
    throw await this.#unknown(wanted);
  }

  /** Manifests of the file at `address`, and of files that it names without saying of what. */
  async #listedAt(address: string, depth: number, seen: Set<string>): Promise<readonly Listed[]> {
    if (seen.has(address)) return []; // What names itself adds nothing.
    seen.add(address);
    if (depth > depthLimit || seen.size > fileLimit) throw tooMany(address);
    const { manifests, links } = await this.#file(address);
    const all: Listed[] = manifests.map((manifest) => ({ manifest, address }));
    for (const link of links) {
      const next = linkTarget(link, address, false);
      all.push(...(await this.#listedAt(next, depth + 1, seen)));
    }
    return all;
  }

  /** `listed`, or what it links to when it says nothing of its versions itself. */
  async #whole(listed: Listed, depth: number): Promise<Listed> {
    const { manifest, address } = listed;
    const isWhole = manifest.channels.length + manifest.versions.length > 0;
    if (isWhole || manifest.link === undefined) return listed;
    const next = linkTarget(manifest.link, address, false);
    if (next === address || depth >= depthLimit) throw tooMany(next);
    const { manifests } = await this.#file(next);
    const same = manifests.find(
      ({ name, type }) => name === manifest.name && type === manifest.type,
    );
    if (same === undefined) {
      const shown = formatComponentName({ ...manifest, version: undefined });
      throw new FetchError("bad-manifest", `${next} does not tell of ${shown}`);
    }
    return this.#whole({ manifest: same, address: next }, depth + 1);
  }

  #file(address: string): Promise<ManifestFile> {
    const known = this.#files.get(address);
    if (known !== undefined) return known;
    const file = this.#read(address).then((text) => parseManifestFile(text, address));
    this.#files.set(address, file);
    return file;
  }

  async #unknown(wanted: ComponentName): Promise<FetchError> {
    const names = (await this.list()).map(({ manifest }) => manifest.name);
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
