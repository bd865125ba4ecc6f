// Sources from elsewhere → nodes in the store. Knows no plan, and loads no network until it must.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { type RemoteSource, withoutCredentials } from "../action/remote-source.ts";
import type { Node } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import type { RegistrySettings } from "../registry/registries.ts";
import type { Store } from "../store/store.ts";
import { imagePinNameOf, type Pin } from "../workspace/lock-file.ts";
import { fetchContextOf, type FetchOptions } from "./fetch-options.ts";
import { FileFetching } from "./file-fetching.ts";
import { fetchGitSource, resolveGitSource } from "./git-fetching.ts";
import type { ImageFetching } from "./image-fetching.ts";
import { collectOutput } from "./outputs.ts";

/** What fetching takes. */
export interface FetchingParts {
  /** Where files may be that are vendored; absolute. */
  readonly vendorDirectory: string | undefined;
  readonly store: Pick<Store, "cas" | "directory">;
  /** Its mirrors are those of addresses, too. */
  readonly registries: RegistrySettings;
  readonly host: Pick<Host, "env" | "kill" | "epochMs">;
}

/** Fetches, and says what moving references stand for. */
export class Fetching {
  readonly #parts: FetchingParts;
  readonly #files: FileFetching;

  constructor(parts: FetchingParts) {
    this.#parts = parts;
    this.#files = new FileFetching({ ...parts, mirrors: parts.registries.mirrors });
  }

  /**
   * What `source`, which is pinned, comes to. Throws a SourceProblem, a FetchError or a GitError, and
   * then nothing is left of it.
   */
  async fetch(source: RemoteSource, options: FetchOptions): Promise<Node> {
    const { cas } = this.#parts.store;
    const kept = this.#files.keptFile(source);
    if (kept !== undefined) return { kind: "file", digest: kept, executable: false };
    const place = cas.temporaryPath();
    mkdirSync(place, { recursive: true });
    try {
      await this.#bring(source, place, options);
      const node = collectOutput({ root: place }, "source", cas);
      if (node === undefined) throw new Error("bug: nothing was fetched");
      return node;
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  }

  /** What `source` stands for just now. A file is kept, so that it need not be fetched again. */
  async resolve(source: RemoteSource, options: FetchOptions): Promise<Pin> {
    if (source.kind === "git") {
      const { url, reference } = source;
      const found = await resolveGitSource(source, this.#parts, options);
      const named = reference !== undefined && { reference };
      return { kind: "git", url: withoutCredentials(url), ...named, ...found };
    }
    if (source.kind === "image") {
      const digest = await this.#images(options, (images) => images.resolve(source));
      return { ...imagePinNameOf(source), digest };
    }
    const { cas } = this.#parts.store;
    const file = cas.temporaryPath();
    try {
      const { sha256, sizeBytes } = await this.#files.download(source, file, options);
      cas.importFile(file, { move: true });
      const url = withoutCredentials(source.urls[0]);
      return { kind: source.kind, url, sha256, sizeBytes };
    } finally {
      rmSync(file, { force: true });
    }
  }

  /** Whether `source` can be had without any network. */
  isVendored(source: RemoteSource): boolean {
    return this.#files.vendoredFile(source) !== undefined;
  }

  /** Leaves `source` in the directory `place`, by the name of "source". */
  async #bring(source: RemoteSource, place: string, options: FetchOptions): Promise<void> {
    const into = join(place, "source");
    switch (source.kind) {
      case "git":
        return fetchGitSource(source, into, { parts: this.#parts, options });
      case "archive": {
        const archive = await this.#files.archiveFile(source, join(place, "archive"), options);
        const { unpack } = await import("../fetch/unpack.ts");
        const { signal } = options;
        const { PATH: searchPath } = this.#parts.host.env;
        const how = { strip: "single", signal, ...(searchPath && { searchPath }) } as const;
        await unpack(archive, undefined, into, how);
        return;
      }
      case "file":
        await this.#files.download(source, into, options);
        return;
      case "image":
        await this.#images(options, (images) => images.fetch(source, into));
    }
  }

  async #images<T>(options: FetchOptions, use: (images: ImageFetching) => Promise<T>): Promise<T> {
    const { openImageFetching } = await import("./image-fetching.ts");
    const { store, registries, host } = this.#parts;
    const context = fetchContextOf(host, options);
    const images = openImageFetching({ store, registries, context });
    try {
      return await use(images);
    } finally {
      await images.close();
    }
  }
}
