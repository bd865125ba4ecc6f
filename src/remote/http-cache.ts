// A remote cache behind plain HTTP: `/ac/<hash>` and `/cas/<hash>`, as Bazel has it. Checks nothing.

import { Readable } from "node:stream";

import { type Dispatcher, Pool } from "undici";

import { type Digest, splitDigest } from "../digest/digest.ts";
import type { Attempts } from "./attempts.ts";
import { type ErrorContext, failureOf, refusalOf } from "./http-error.ts";
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

interface Request {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Readable;
}

class HttpCache implements RemoteCache {
  readonly #pool: Pool;
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
    this.#pool = new Pool(origin, poolOptions(options, origin));
  }

  /** There is nothing to ask: what the server refuses, it refuses. */
  readonly abilities = async (): Promise<RemoteAbilities> => {
    // A request that any cache can answer, so that one that is not there is found out at once.
    const path = this.#pathOf("cas", "0".repeat(64));
    await this.#attempts.run(() => this.#head(path));
    return { canUpdate: true, batch, maxBlobBytes: Infinity };
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
      const { body, statusCode } = await this.#send({ method: "GET", path, headers });
      // A server that knows no ranges begins anew.
      let known = statusCode === 206 ? 0 : taken;
      await this.#consume(path, body, (bytes) => {
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

  readonly close = (): void => {
    // What still runs belongs to nobody any more; its error is nobody's either.
    this.#pool.destroy().catch(() => undefined);
  };

  async #has(digest: Digest): Promise<boolean> {
    const { hash, sizeBytes } = splitDigest(digest);
    const path = this.#pathOf("cas", hash);
    const found = await this.#attempts.run(() => this.#head(path));
    const length = found?.headers["content-length"];
    // Half a blob may be there, of a server that does not check what it is given.
    return found?.statusCode === 200 && (length === undefined || Number(length) === sizeBytes);
  }

  /** Undefined where the server knows no such request: nothing is known to be there. */
  async #head(path: string): Promise<Dispatcher.ResponseData | undefined> {
    try {
      return await this.#drop(await this.#send({ method: "HEAD", path }));
    } catch (error) {
      if (error instanceof RemoteError && error.kind === "unsupported") return undefined;
      throw error;
    }
  }

  async #read({ path, maxBytes }: { readonly path: string; readonly maxBytes: number }) {
    const { statusCode, body } = await this.#send({ method: "GET", path });
    if (statusCode === 404) {
      await body.dump();
      return undefined;
    }
    const pieces: Uint8Array[] = [];
    let sizeBytes = 0;
    await this.#consume(path, body, (bytes) => {
      sizeBytes += bytes.byteLength;
      pieces.push(bytes);
      return sizeBytes <= maxBytes;
    });
    return Buffer.concat(pieces);
  }

  async #put(path: string, body: Uint8Array | Readable, sizeBytes: number): Promise<void> {
    const headers = { "content-length": String(sizeBytes) };
    await this.#drop(await this.#send({ method: "PUT", path, headers, body }));
  }

  async #send({ method, path, headers = {}, body }: Request): Promise<Dispatcher.ResponseData> {
    const own = await this.#options.headers();
    const context: ErrorContext = { method, path, ...this.#context() };
    const answer = await this.#pool
      .request({
        method,
        path,
        headers: { "user-agent": "kraft-graph", ...own, ...headers },
        signal: this.#attempts.signal,
        ...(body !== undefined && { body }),
      })
      .catch((error: unknown) => {
        throw failureOf(error, context);
      });
    const refusal = refusalOf(answer, context);
    if (refusal === undefined) return answer;
    await this.#drop(answer);
    throw refusal;
  }

  /** Reads what nobody needs, so that the connection can be used again. */
  async #drop(answer: Dispatcher.ResponseData): Promise<Dispatcher.ResponseData> {
    await answer.body.dump().catch(() => undefined);
    return answer;
  }

  /** Reads `body` to its end, or until `take` wants no more. */
  async #consume(
    path: string,
    body: Readable,
    take: (bytes: Uint8Array) => boolean,
  ): Promise<void> {
    try {
      for await (const bytes of body) if (!take(bytes as Uint8Array)) return;
    } catch (error) {
      throw failureOf(error, { method: "GET", path, ...this.#context() });
    }
  }

  #context(): Pick<ErrorContext, "signal" | "timeoutMs"> {
    return { signal: this.#attempts.signal, timeoutMs: this.#options.timeoutMs };
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
