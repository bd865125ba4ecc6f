// Sources from elsewhere → nodes in the store. Knows no plan, and loads no network until it must.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import {
  commitOf,
  describeSource,
  type GitSource,
  type ImageSource,
  type RemoteSource,
  withoutCredentials,
} from "../action/remote-source.ts";
import type { Node } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import { type Digest, digestOf, parseDigest } from "../digest/digest.ts";
import type { FetchContext } from "../fetch/fetch-context.ts";
import type { GitResolution } from "../fetch/git-resolve.ts";
import type { GitContext } from "../fetch/git-process.ts";
import type { Store } from "../store/store.ts";
import type { RegistrySettings } from "../registry/registries.ts";
import { imagePinNameOf, type Pin } from "../workspace/lock-file.ts";
import type { ImageFetching } from "./image-fetching.ts";
import { collectOutput } from "./outputs.ts";
import { movedSource } from "./source-problem.ts";
import { waitFor } from "./wait-for.ts";

/** What fetching takes. */
export interface FetchingParts {
  /** Where files may be that are vendored; absolute. */
  readonly vendorDirectory: string | undefined;
  readonly store: Pick<Store, "cas" | "directory">;
  readonly registries: RegistrySettings;
  readonly host: Pick<Host, "env" | "kill" | "epochMs">;
}

/** How one fetch is to be. */
export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FetchProgress) => void;
}

/** How far a fetch is. */
export interface FetchProgress {
  readonly receivedBytes: number;
  /** Absent: nobody knows. */
  readonly totalBytes?: number;
  /** As the server's own program has it; absent: to be told from the bytes. */
  readonly bytesPerSecond?: number;
}

/** Fetches, and says what moving references stand for. */
export class Fetching {
  readonly #parts: FetchingParts;

  constructor(parts: FetchingParts) {
    this.#parts = parts;
  }

  /**
   * What `source`, which is pinned, comes to. Throws a SourceProblem, a FetchError or a GitError, and
   * then nothing is left of it.
   */
  async fetch(source: RemoteSource, options: FetchOptions): Promise<Node> {
    const { cas } = this.#parts.store;
    const kept = this.#keptFile(source);
    if (kept !== undefined) return { kind: "file", digest: kept, executable: false };
    const place = cas.temporaryPath();
    mkdirSync(place, { recursive: true });
    try {
      switch (source.kind) {
        case "git":
          await this.#fetchGit(source, join(place, "source"), options);
          break;
        case "archive": {
          const archive = await this.#archiveFile(source, join(place, "archive"), options);
          const { unpack } = await import("../fetch/unpack.ts");
          const { signal } = options;
          const { PATH: searchPath } = this.#parts.host.env;
          const how = { strip: "single", signal, ...(searchPath && { searchPath }) } as const;
          await unpack(archive, undefined, join(place, "source"), how);
          break;
        }
        case "file":
          await this.#download(source, join(place, "source"), options);
          break;
        case "image":
          await this.#images(options, async (images) => {
            await images.fetch(source, join(place, "source"));
          });
      }
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
      const found = await this.#resolveGit(source, options);
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
      const { sha256, sizeBytes } = await this.#download(source, file, options);
      cas.importFile(file, { move: true });
      const url = withoutCredentials(source.urls[0]);
      return { kind: source.kind, url, sha256, sizeBytes };
    } finally {
      rmSync(file, { force: true });
    }
  }

  async #resolveGit({ url, reference }: GitSource, options: FetchOptions): Promise<GitResolution> {
    const { resolveGit } = await import("../fetch/git-resolve.ts");
    try {
      return await resolveGit(url, reference, this.#gitContext(options));
    } catch (error) {
      const { archiveInstead } = await import("./archive-instead.ts");
      throw await archiveInstead(error, url, this.#context(options));
    }
  }

  async #fetchGit(source: GitSource, into: string, options: FetchOptions): Promise<void> {
    const { url, ref } = source;
    const commit = commitOf(source);
    if (commit === undefined) throw new Error(`bug: ${url} is not pinned`);
    await this.#refuseMovedTag(source, commit, options);
    const { fetchGit } = await import("../fetch/git.ts");
    await fetchGit({ url, commit, ref }, into, this.#gitContext(options));
  }

  /** A release that is not what it was is nobody's mistake but somebody's attack, until told. */
  async #refuseMovedTag(
    { url, ref }: GitSource,
    commit: string,
    options: FetchOptions,
  ): Promise<void> {
    if (ref === undefined || !ref.startsWith("refs/tags/")) return;
    const { resolveGit } = await import("../fetch/git-resolve.ts");
    const { GitError } = await import("../fetch/git-error.ts");
    try {
      const now = await resolveGit(url, ref, this.#gitContext(options));
      if (now.commit === commit) return;
      const reference = ref.replace("refs/tags/", "");
      throw movedSource(describeSource({ kind: "git", url, reference }), commit, now.commit);
    } catch (error) {
      // A tag that is gone has not moved: the commit may still be there.
      if (!(error instanceof GitError) || error.problem !== "no-such-reference") throw error;
    }
  }

  /** The archive of `source`: of the store, if it came there by `resolve`; else downloaded. */
  async #archiveFile(
    source: Extract<RemoteSource, { kind: "archive" }>,
    to: string,
    options: FetchOptions,
  ): Promise<string> {
    const { sha256, sizeBytes } = source;
    const digest = parseDigest(`${sha256}/${sizeBytes}`);
    const known = digest && this.#parts.store.cas.pathOf({ digest, executable: false });
    if (known !== undefined) return known;
    await this.#download(source, to, options);
    return to;
  }

  /** A file that came to the store by `resolve`, and is all that `source` says of it. */
  #keptFile(source: RemoteSource): Digest | undefined {
    if (source.kind !== "file" || source.checksums.length !== 1) return undefined;
    const [sum = ""] = source.checksums;
    const digest = parseDigest(`${sum.replace(/^sha256:/, "")}/${source.sizeBytes}`);
    const isKept = digest && this.#parts.store.cas.pathOf({ digest, executable: false });
    return isKept === undefined ? undefined : digest;
  }

  /** Whether `source` can be had without any network. */
  isVendored(source: RemoteSource): boolean {
    return this.#vendoredFile(source) !== undefined;
  }

  #vendoredFile(source: RemoteSource): string | undefined {
    const { vendorDirectory } = this.#parts;
    if (vendorDirectory === undefined || source.kind !== "file") return undefined;
    const file = join(vendorDirectory, vendoredFileName(source));
    return source.checksums.length > 0 && existsSync(file) ? file : undefined;
  }

  async #download(
    source: Exclude<RemoteSource, GitSource | ImageSource>,
    to: string,
    options: FetchOptions,
  ): Promise<{ sha256: string; sizeBytes: number }> {
    const { download } = await import("../fetch/download.ts");
    const vendored = this.#vendoredFile(source);
    const urls = [...(vendored === undefined ? [] : [vendored]), ...source.urls];
    const checksums = source.kind === "file" ? source.checksums : sumOf(source);
    // Under one name for all that want the same bytes, so that the next try goes on where this ends.
    const name = digestOf(JSON.stringify([urls, checksums])).slice(0, 32);
    const partial = join(this.#parts.store.directory, "tmp", `partial-${name}`);
    return download({ urls, checksums, to, partial }, this.#context(options));
  }

  async #images<T>(options: FetchOptions, use: (images: ImageFetching) => Promise<T>): Promise<T> {
    const { openImageFetching } = await import("./image-fetching.ts");
    const { store, registries } = this.#parts;
    const images = openImageFetching({ store, registries, context: this.#context(options) });
    try {
      return await use(images);
    } finally {
      await images.close();
    }
  }

  #gitContext({ signal, onProgress }: FetchOptions): GitContext {
    const { store, host } = this.#parts;
    return {
      environment: host.env,
      kill: host.kill,
      signal,
      wait: waitFor,
      onProgress: (receivedBytes, bytesPerSecond) =>
        onProgress({ receivedBytes, ...(bytesPerSecond !== undefined && { bytesPerSecond }) }),
      temporaryPath: () => store.cas.temporaryPath(),
    };
  }

  #context(options: FetchOptions): FetchContext {
    return fetchContextOf(this.#parts.host, options);
  }
}

/** Where a vendor directory has `source`, which is pinned. */
export function vendoredFileName({ checksums }: Extract<RemoteSource, { kind: "file" }>): string {
  const [first = ""] = [...checksums].sort();
  return `files/${first.replace(":", "-")}`;
}

/** What downloads may have of the world. */
export function fetchContextOf(
  { env, epochMs }: Pick<Host, "env" | "epochMs">,
  { signal, onProgress }: FetchOptions,
): FetchContext {
  return {
    environment: env,
    signal,
    wait: waitFor,
    epochMs,
    random: fraction,
    onProgress: (receivedBytes, totalBytes) =>
      onProgress({ receivedBytes, ...(totalBytes !== undefined && { totalBytes }) }),
  };
}

function sumOf({ sha256 }: Extract<RemoteSource, { kind: "archive" }>): readonly string[] {
  return sha256 === undefined ? [] : [`sha256:${sha256}`];
}

/** From 0 to below 1; it decides about nothing but how long to wait. */
function fraction(): number {
  return randomBytes(4).readUInt32LE() / 2 ** 32;
}
