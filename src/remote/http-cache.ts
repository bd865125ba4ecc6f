// A remote cache behind plain HTTP: `/ac/<hash>` and `/cas/<hash>`, as Bazel has it. Checks nothing.

import { Readable } from "node:stream";

import { Pool } from "undici";

import { type Digest, splitDigest } from "../digest/digest.ts";
import type { Attempts } from "./attempts.ts";
import {
  type HttpAnswer,
  HttpExchanges,
  type HttpRequest,
  type TakeBody,
} from "./http-exchange.ts";
import type { RemoteAbilities, RemoteCache, RemoteOptions } from "./remote-cache.ts";
import { RemoteError } from "./remote-error.ts";
import type { RemotePlace } from "./remote-url.ts";
import { systemAuthorities } from "./tls.ts";

/** How many requests are under way at once; each has a connection of its own. */
const connections = 32;

/** The longest result that is taken in. */
const maxResultBytes = 16 * 1024 ** 2;

/** Blobs asked for together; they come one by one all the same. */
const batch = { totalBytes: 4 * 1024 ** 2, blobs: 64 };

/** Opens the HTTP cache at `place`. */
export function openHttpCache(
  place: Extract<RemotePlace, { kind: "http" }>,
  options: RemoteOptions,
  attempts: Attempts,
): RemoteCache {
  return new HttpCache(place, options, attempts);
}

class HttpCache implements RemoteCache {
  readonly #exchanges: HttpExchanges;
  readonly #prefix: string;
  readonly #options: RemoteOptions;
  readonly #attempts: Attempts;

  constructor(
    { url }: Extract<RemotePlace, { kind: "http" }>,
    options: RemoteOptions,
    attempts: Attempts,
  ) {
    const { origin, pathname } = new URL(url);
    const instance = options.instance === "" ? "" : `/${encodeURI(options.instance)}`;
    this.#prefix = `${pathname.replace(/\/+$/, "")}${instance}`;
    this.#options = options;
    this.#attempts = attempts;
    const { timeoutMs } = options;
    const pool = new Pool(origin, poolOptions(options, origin));
    this.#exchanges = new HttpExchanges(pool, { timeoutMs, signal: attempts.signal });
  }

  /** There is nothing to ask: what the server refuses, it refuses. */
  readonly abilities = async (): Promise<RemoteAbilities> => {
    // A request that any cache can answer, so that one that is not there is found out at once.
    const path = this.#pathOf("cas", "0".repeat(64));
    await this.#attempts.run(() => this.#head(path));
    return { canUpdate: true, batch, asksMany: false, maxBlobBytes: Infinity };
  };

  readonly readResult = (key: Digest): Promise<Uint8Array | undefined> => {
    const path = this.#pathOf("ac", splitDigest(key).hash);
    return this.#attempts.run(() => this.#read({ path, maxBytes: maxResultBytes }));
  };

  readonly writeResult = (key: Digest, result: Uint8Array): Promise<void> => {
    const path = this.#pathOf("ac", splitDigest(key).hash);
    return this.#attempts.run(() => this.#put(path, result, result.byteLength));
  };

  readonly findMissing = async (digests: readonly Digest[]): Promise<readonly Digest[]> => {
    const answers = await Promise.all(
      digests.map(async (digest) => ({ digest, isThere: await this.#has(digest) })),
    );
    return answers.flatMap(({ digest, isThere }) => (isThere ? [] : [digest]));
  };

  readonly readBatch = async (digests: readonly Digest[]) => {
    const answers = await Promise.all(
      digests.map(async (digest) => {
        const { hash, sizeBytes } = splitDigest(digest);
        const path = this.#pathOf("cas", hash);
        const bytes = await this.#attempts.run(() => this.#read({ path, maxBytes: sizeBytes }));
        return [digest, bytes] as const;
      }),
    );
    return new Map(answers.flatMap(([digest, bytes]) => (bytes ? [[digest, bytes]] : [])));
  };

  readonly writeBatch = async (blobs: ReadonlyMap<Digest, Uint8Array>) => {
    const answers = await Promise.all(
      [...blobs].map(async ([digest, bytes]) => {
        const path = this.#pathOf("cas", splitDigest(digest).hash);
        try {
          await this.#attempts.run(() => this.#put(path, bytes, bytes.byteLength));
          return [];
        } catch (error) {
          if (!(error instanceof RemoteError) || error.kind !== "refused") throw error;
          return [digest];
        }
      }),
    );
    return answers.flat();
  };

  readonly readBlob = async (digest: Digest, take: (bytes: Uint8Array) => void): Promise<void> => {
    const { hash, sizeBytes } = splitDigest(digest);
    const path = this.#pathOf("cas", hash);
    let taken = 0;
    await this.#attempts.run(async () => {
      const headers = taken === 0 ? {} : { range: `bytes=${taken}-` };
      let known: number | undefined;
      await this.#send({ method: "GET", path, headers }, (bytes, { statusCode }) => {
        // A server that knows no ranges begins anew.
        known ??= statusCode === 206 ? 0 : taken;
        const fresh = bytes.subarray(Math.min(known, bytes.byteLength));
        known -= bytes.byteLength - fresh.byteLength;
        taken += fresh.byteLength;
        if (taken <= sizeBytes) take(fresh);
        return taken <= sizeBytes;
      });
      if (taken !== sizeBytes) throw new RemoteError("missing", `${digest} has another size`);
    });
  };

  readonly writeBlob: RemoteCache["writeBlob"] = async (digest, source) => {
    const { hash, sizeBytes } = splitDigest(digest);
    const path = this.#pathOf("cas", hash);
    await this.#attempts.run(() => this.#put(path, Readable.from(source(0)), sizeBytes));
  };

  readonly close = (): void => this.#exchanges.close();

  async #has(digest: Digest): Promise<boolean> {
    const { hash, sizeBytes } = splitDigest(digest);
    const path = this.#pathOf("cas", hash);
    const found = await this.#attempts.run(() => this.#head(path));
    const length = found?.headers["content-length"];
    // Half a blob may be there, of a server that does not check what it is given.
    return found?.statusCode === 200 && (length === undefined || Number(length) === sizeBytes);
  }

  /** Undefined where the server knows no such request: nothing is known to be there. */
  async #head(path: string): Promise<HttpAnswer | undefined> {
    try {
      return await this.#send({ method: "HEAD", path });
    } catch (error) {
      if (error instanceof RemoteError && error.kind === "unsupported") return undefined;
      throw error;
    }
  }

  async #read({ path, maxBytes }: { readonly path: string; readonly maxBytes: number }) {
    const pieces: Uint8Array[] = [];
    let sizeBytes = 0;
    const { statusCode } = await this.#send({ method: "GET", path }, (bytes) => {
      sizeBytes += bytes.byteLength;
      pieces.push(bytes);
      return sizeBytes <= maxBytes;
    });
    if (statusCode === 404) return undefined;
    const [only = new Uint8Array(0)] = pieces;
    return pieces.length < 2 ? only : Buffer.concat(pieces);
  }

  async #put(path: string, body: Uint8Array | Readable, sizeBytes: number): Promise<void> {
    await this.#send({
      method: "PUT",
      path,
      headers: { "content-length": String(sizeBytes) },
      body,
    });
  }

  async #send(
    { headers = {}, ...request }: Omit<HttpRequest, "headers"> & Partial<HttpRequest>,
    take?: TakeBody,
  ): Promise<HttpAnswer> {
    const own = await this.#options.headers();
    const all = { "user-agent": "kraft-graph", ...own, ...headers };
    return this.#exchanges.send({ ...request, headers: all }, take);
  }

  #pathOf(kind: "ac" | "cas", hash: string): string {
    return `${this.#prefix}/${kind}/${hash}`;
  }
}

function poolOptions({ timeoutMs, tls }: RemoteOptions, origin: string): Pool.Options {
  const { authorities, certificate: cert, key } = tls;
  const secure = origin.startsWith("https:")
    ? { ca: systemAuthorities(authorities), ...(cert && { cert }), ...(key && { key }) }
    : {};
  return {
    connections,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: Math.min(timeoutMs, 10_000), ...secure },
  };
}
