// Addresses → one file on the disk, verified. Knows not what is in the file.

import { randomBytes } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";

import { errorCode, StoreError, writeError } from "../store/store-error.ts";
import { type Address, parseAddress, publicAddress } from "./address.ts";
import { type Checksum, parseChecksum, RunningDigests, verifyChecksums } from "./checksum.ts";
import { type FetchContext, throwIfInterrupted } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import { copyFile } from "./file-download.ts";
import { type HttpClient, openHttpClient } from "./http-client.ts";
import { type Ask, ask } from "./http-exchange.ts";
import { attemptHttp } from "./http-download.ts";
import { AttemptFailed, failureOfConnection } from "./http-failure.ts";
import { loadNetrc } from "./netrc.ts";
import { PartialFile } from "./partial-file.ts";
import { firstThatWorks } from "./retry.ts";

/** One file, wherever it comes from. */
export interface DownloadRequest {
  /** Tried in order: http, https, file, or an absolute path. */
  readonly urls: readonly string[];
  /** `sha256:`, `sha512:`, `sha1:` or `md5:` and hex. The file must have all of them. */
  readonly checksums: readonly string[];
  /** The absolute path of the file to leave, at one moment. */
  readonly to: string;
  /**
   * Where a part stays after an interruption, to be gone on with; on the file system of `to`. The
   * caller sees to it that no two use it at once. Without one, nothing stays.
   */
  readonly partial?: string;
  /** What `to` is the copy of: when the server still has that one, the file stays as it is. */
  readonly etag?: string;
  /** Refused above; by default 16 GiB. */
  readonly limitBytes?: number;
  /** Who asks servers; by default we do, as who `~/.netrc` says we are. */
  readonly ask?: Ask;
}

/** What {@link download} left. */
export interface Downloaded {
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Which of the addresses it came from, without user and password. */
  readonly url: string;
  /** What the server calls this version; undefined when it does not say. */
  readonly etag?: string;
}

const defaultLimitBytes = 16 * 2 ** 30;

/** Leaves the file at `to`, or nothing new. Throws a FetchError, or a StoreError of the disk. */
export async function download(
  request: DownloadRequest,
  context: FetchContext,
): Promise<Downloaded> {
  throwIfInterrupted(context.signal);
  const promised = request.checksums.map(checksumOf);
  const addresses = request.urls.map((text) => parseAddress(text));
  if (addresses.length === 0) throw new FetchError("bad-address", "there is no address to fetch");
  const kept = request.partial !== undefined;
  try {
    mkdirSync(dirname(request.to), { recursive: true });
    const draft = `${request.to}.${randomBytes(6).toString("hex")}.part`;
    const part = new PartialFile(request.partial ?? draft, promised, { kept });
    return await new Download(request, { part, promised, context }).run(addresses);
  } catch (cause) {
    if (cause instanceof FetchError || cause instanceof StoreError) throw cause;
    throw errorCode(cause) === undefined ? cause : writeError(cause, request.to);
  }
}

/** Holds what attempts share: the part, and connections once they are needed. */
class Download {
  readonly #request: DownloadRequest;
  readonly #part: PartialFile;
  readonly #promised: readonly Checksum[];
  readonly #context: FetchContext;
  #client: HttpClient | undefined;

  constructor(
    request: DownloadRequest,
    parts: {
      readonly part: PartialFile;
      readonly promised: readonly Checksum[];
      readonly context: FetchContext;
    },
  ) {
    this.#request = request;
    this.#part = parts.part;
    this.#promised = parts.promised;
    this.#context = parts.context;
  }

  async run(addresses: readonly Address[]): Promise<Downloaded> {
    let keep = this.#request.partial !== undefined;
    try {
      return await firstThatWorks(
        addresses,
        (address) => this.#attempt(address),
        (cause, address) => failureOfConnection(cause, shownAddress(address)),
        this.#context,
      );
    } catch (cause) {
      const code = cause instanceof FetchError ? cause.code : undefined;
      if (code !== "interrupted" && code !== "unreachable") keep = false;
      throw cause;
    } finally {
      this.#part.close({ keep });
      await this.#client?.close();
    }
  }

  async #attempt(address: Address): Promise<Downloaded> {
    if (address.kind === "file") {
      await copyFile(address.path, this.#part, this.#context, this.#limitBytes);
      return this.#finish(address, { etag: undefined, resumed: false });
    }
    const { etag, to } = this.#request;
    const outcome = await attemptHttp(
      {
        address,
        part: this.#part,
        verified: this.#promised.length > 0,
        known: existsSync(to) ? etag : undefined,
        limitBytes: this.#limitBytes,
      },
      this.#request.ask ?? (await this.#ownAsk()),
      this.#context,
    );
    if (outcome.kind === "unchanged") return this.#stay(address);
    return this.#finish(address, outcome);
  }

  async #ownAsk(): Promise<Ask> {
    const { environment, signal } = this.#context;
    this.#client ??= await openHttpClient(environment);
    const asker = { client: this.#client, netrc: loadNetrc(environment), signal };
    return (address, headers) => ask(address, headers, asker);
  }

  get #limitBytes(): number {
    return this.#request.limitBytes ?? defaultLimitBytes;
  }

  #finish(
    address: Address,
    { etag, resumed }: { readonly etag: string | undefined; readonly resumed: boolean },
  ): Downloaded {
    const digests = this.#part.digests();
    try {
      verifyChecksums(this.#promised, digests, shownAddress(address));
    } catch (error) {
      if (!resumed || !(error instanceof FetchError)) throw error;
      // The part may be to blame, and not the server.
      this.#part.restart({ etag: undefined, lastModified: undefined });
      throw new AttemptFailed({ error, again: "now", retryAfterMs: undefined });
    }
    const { sizeBytes } = this.#part;
    renameSync(this.#part.path, this.#request.to);
    this.#part.forget();
    return downloadedOf(address, { digests, sizeBytes, etag });
  }

  /** The file that is at `to` already, which may have been changed since. */
  async #stay(address: Address): Promise<Downloaded> {
    const { to, etag } = this.#request;
    const digests = new RunningDigests(this.#promised);
    let sizeBytes = 0;
    for await (const chunk of createReadStream(to, { highWaterMark: 1 << 20 })) {
      digests.update(chunk);
      sizeBytes += chunk.byteLength;
    }
    verifyChecksums(this.#promised, digests.current(), to);
    return downloadedOf(address, { digests: digests.current(), sizeBytes, etag });
  }
}

function downloadedOf(
  address: Address,
  found: {
    readonly digests: readonly Checksum[];
    readonly sizeBytes: number;
    readonly etag: string | undefined;
  },
): Downloaded {
  const sha256 = found.digests.find(({ algorithm }) => algorithm === "sha256")?.hex ?? "";
  const url = address.kind === "http" ? address.url.href : address.path;
  const { sizeBytes, etag } = found;
  return { sha256, sizeBytes, url, ...(etag !== undefined && { etag }) };
}

function checksumOf(text: string): Checksum {
  const checksum = parseChecksum(text);
  if (checksum !== undefined) return checksum;
  throw new FetchError("bad-address", `${text} is not a checksum`, {
    help: "write sha256:, and 64 hex digits",
  });
}

function shownAddress(address: Address): string {
  return address.kind === "http" ? publicAddress(address.url.href) : address.path;
}
