// Archives and files → one file of the disk: of the store, vendored, of a mirror, or of its own address.

import { existsSync } from "node:fs";
import { join } from "node:path";

import type { RemoteSource } from "../action/remote-source.ts";
import type { Host } from "../base/host.ts";
import { type Digest, digestOf, parseDigest } from "../digest/digest.ts";
import type { Store } from "../store/store.ts";
import { fetchContextOf, type FetchOptions } from "./fetch-options.ts";
import { addressesOf } from "./mirrored.ts";

/** A file, whether or not it is unpacked. */
export type FileSource = Extract<RemoteSource, { kind: "archive" | "file" }>;

/** What fetching files takes. */
export interface FileFetchingParts {
  /** Where files may be that are vendored; absolute. */
  readonly vendorDirectory: string | undefined;
  /** See `addressesOf`. */
  readonly mirrors: Readonly<Record<string, string>>;
  readonly store: Pick<Store, "cas" | "directory">;
  readonly host: Pick<Host, "env" | "epochMs">;
}

/** Brings files, and says which are at hand. */
export class FileFetching {
  readonly #parts: FileFetchingParts;

  constructor(parts: FileFetchingParts) {
    this.#parts = parts;
  }

  /** The archive of `source`: of the store, if it came there by `resolve`; else downloaded. */
  async archiveFile(
    source: Extract<RemoteSource, { kind: "archive" }>,
    to: string,
    options: FetchOptions,
  ): Promise<string> {
    const { sha256, sizeBytes } = source;
    const digest = parseDigest(`${sha256}/${sizeBytes}`);
    const known = digest && this.#parts.store.cas.pathOf({ digest, executable: false });
    if (known !== undefined) return known;
    await this.download(source, to, options);
    return to;
  }

  /** A file that came to the store by `resolve`, and is all that `source` says of it. */
  keptFile(source: RemoteSource): Digest | undefined {
    if (source.kind !== "file" || source.checksums.length !== 1) return undefined;
    const [sum = ""] = source.checksums;
    const digest = parseDigest(`${sum.replace(/^sha256:/, "")}/${source.sizeBytes}`);
    const isKept = digest && this.#parts.store.cas.pathOf({ digest, executable: false });
    return isKept === undefined ? undefined : digest;
  }

  /** The file that `vendor` wrote for `source`; undefined when there is none. */
  vendoredFile(source: RemoteSource): string | undefined {
    const { vendorDirectory } = this.#parts;
    if (vendorDirectory === undefined || source.kind !== "file") return undefined;
    const file = join(vendorDirectory, vendoredFileName(source));
    return source.checksums.length > 0 && existsSync(file) ? file : undefined;
  }

  /** Leaves the file at `to`. Throws a FetchError. */
  async download(
    source: FileSource,
    to: string,
    options: FetchOptions,
  ): Promise<{ sha256: string; sizeBytes: number }> {
    const { download } = await import("../fetch/download.ts");
    const { store, mirrors, host } = this.#parts;
    const vendored = this.vendoredFile(source);
    const places = source.urls.flatMap((url) => addressesOf(url, mirrors));
    const urls = [...(vendored === undefined ? [] : [vendored]), ...places];
    const checksums = source.kind === "file" ? source.checksums : sumOf(source);
    // Under one name for all that want the same bytes, so that the next try goes on where this ends.
    const name = digestOf(JSON.stringify([urls, checksums])).slice(0, 32);
    const partial = join(store.directory, "tmp", `partial-${name}`);
    return download({ urls, checksums, to, partial }, fetchContextOf(host, options));
  }
}

/** Where a vendor directory has `source`, which is pinned. */
export function vendoredFileName({ checksums }: Extract<RemoteSource, { kind: "file" }>): string {
  const [first = ""] = [...checksums].sort();
  return `files/${first.replace(":", "-")}`;
}

function sumOf({ sha256 }: Extract<RemoteSource, { kind: "archive" }>): readonly string[] {
  return sha256 === undefined ? [] : [`sha256:${sha256}`];
}
