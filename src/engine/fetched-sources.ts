// Sources that build files themselves go on from, such as templates: where they are once they are here.

import { posix } from "node:path";

import { identityOf, isPinned, type RemoteSource } from "../action/remote-source.ts";
import type { Source } from "../diagnostic/diagnostic.ts";
import { digestOf, splitDigest } from "../digest/digest.ts";
import type { FileView } from "../workspace/files.ts";
import { openLockBook } from "./lock-book.ts";

/** Where to look. */
export interface FetchedPlace {
  /** Of the workspace, absolute. */
  readonly root: string;
  readonly lockFile?: Source | undefined;
  readonly files: Pick<FileView, "kindOf">;
}

/** Finds sources by what the lock file says that they are, and remembers those that are not here. */
export class FetchedSources {
  readonly #place: FetchedPlace;
  readonly #pinned: (source: RemoteSource) => RemoteSource;
  readonly #missing = new Map<string, RemoteSource>();

  constructor(place: FetchedPlace) {
    this.#place = place;
    // Mistakes in the file are told by whoever carries out what is planned.
    this.#pinned = openLockBook(place.lockFile, () => undefined).pinned;
  }

  /** The absolute directory with the files of `source`; undefined when it is not here. */
  readonly lookUp = (source: RemoteSource): string | undefined => {
    const pinned = this.#pinned(source);
    const directory = isPinned(pinned) ? directoryOf(this.#place.root, pinned) : undefined;
    if (directory !== undefined && this.#place.files.kindOf(directory) === "directory") {
      return directory;
    }
    this.#missing.set(JSON.stringify(source), source);
    return undefined;
  };

  /** What was looked for in vain, each once. */
  missing(): readonly RemoteSource[] {
    return [...this.#missing.values()];
  }
}

/** Where the files of `source`, which must be pinned, are laid down in the workspace `root`. */
export function directoryOf(root: string, source: RemoteSource): string {
  const { hash } = splitDigest(digestOf(JSON.stringify(identityOf(source))));
  return posix.join(root, ".kraft/sources", hash.slice(0, 32));
}
