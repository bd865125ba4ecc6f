// One registry, or a mirror of one: its scheme, who we are there, and where it sends on to.

import type { Dispatcher } from "undici";
import type { Readable } from "node:stream";

import type { FetchContext } from "../fetch/fetch-context.ts";
import { FetchError } from "../fetch/fetch-error.ts";
import type { HttpClient } from "../fetch/http-client.ts";
import { answerOf, type Answer, redirections, redirectTarget } from "../fetch/http-exchange.ts";
import { isTrustFailure, rootCodeOf } from "../fetch/http-failure.ts";
import { Authorizer } from "./authorizer.ts";
import { parseChallenges } from "./challenge.ts";
import type { RegistryCredentials } from "./credentials.ts";

/** What one host is asked. */
export interface RegistryQuestion {
  readonly method: Dispatcher.HttpMethod;
  /** A path on the host, such as `/v2/app/manifests/latest`; or what the host gave as a location. */
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called again when it has to be sent again. */
  readonly body?: () => Uint8Array | Readable;
  /** What it is for, such as `repository:app:pull`; empty: nothing that anybody owns. */
  readonly scope: string;
}

/** What asking a host takes. */
export interface RegistryHostParts {
  /** Host and port. */
  readonly name: string;
  /** Who we are there; undefined: nobody. */
  readonly credentials: () => Promise<RegistryCredentials | undefined>;
  readonly client: HttpClient;
  /** Whether it may have any certificate, or none. */
  readonly isInsecure: boolean;
  readonly context: FetchContext;
}

/** Asks one host, as who we are there. */
export class RegistryHost {
  readonly name: string;
  readonly #parts: RegistryHostParts;
  readonly #authorizer: Authorizer;
  readonly #allowsPlain: boolean;
  #origin: Promise<URL> | undefined;

  constructor(parts: RegistryHostParts) {
    this.name = parts.name;
    this.#parts = parts;
    // Nobody listens in between on the machine itself.
    this.#allowsPlain = parts.isInsecure || isLoopback(parts.name);
    const { client, credentials, context } = parts;
    this.#authorizer = new Authorizer({
      registry: parts.name,
      client,
      allowsPlain: this.#allowsPlain,
      credentials,
      epochMs: context.epochMs,
    });
  }

  /**
   * What the host answers, whatever that is, but for 401. Throws a FetchError when it does not want
   * us, an AttemptFailed, or what undici does.
   */
  async ask(question: RegistryQuestion): Promise<Answer> {
    const origin = await this.origin();
    const url = new URL(question.url, origin);
    // Behind a proxy that ends TLS, registries think that they are asked without.
    if (url.host === origin.host) url.protocol = origin.protocol;
    const { scope } = question;
    let header = this.#authorizer.known(scope);
    // Twice, as a token may end on the way; a third time, one that was fresh is refused.
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await this.#follow(url, question, { origin, authorization: header });
      if (answer.status !== 401) return answer;
      const challenges = parseChallenges(answer.header("www-authenticate") ?? "");
      await answer.body.dump();
      const { signal } = this.#parts.context;
      const next = await this.#authorizer.meet(challenges, { scope, refused: header, signal });
      if (next === undefined) break;
      header = next;
    }
    throw this.refusal(url.pathname);
  }

  /** The error that `what` is not given to us. */
  refusal(what: string): FetchError {
    return new FetchError("refused", `${this.name} refuses ${what} to who we are there`, {
      help: `"kraft-graph login ${this.name}" says who to be`,
    });
  }

  /** Where the host is: https, unless it may be without and is. */
  origin(): Promise<URL> {
    this.#origin ??= this.#findOrigin().catch((cause: unknown) => {
      this.#origin = undefined; // It may be there the next time.
      throw cause;
    });
    return this.#origin;
  }

  async #findOrigin(): Promise<URL> {
    const host = this.name === "docker.io" ? "registry-1.docker.io" : this.name;
    const secure = new URL(`https://${host}`);
    if (!this.#allowsPlain) return secure;
    try {
      await this.#ping(secure);
      return secure;
    } catch (cause) {
      if (this.#parts.context.signal.aborted || isTrustFailure(rootCodeOf(cause) ?? ""))
        throw cause;
      const plain = new URL(`http://${host}`);
      await this.#ping(plain);
      return plain;
    }
  }

  async #ping(origin: URL): Promise<void> {
    const { client, context } = this.#parts;
    const url = new URL("/v2/", origin);
    const { signal } = context;
    const answer = await client.send({ method: "GET", url, headers: agent, signal });
    await answer.body.dump();
  }

  /** Goes where it is sent; who we are is told to the host alone. */
  async #follow(
    from: URL,
    { method, headers = {}, body }: RegistryQuestion,
    { origin, authorization }: { origin: URL; authorization: string | undefined },
  ): Promise<Answer> {
    const { client, context } = this.#parts;
    const { signal } = context;
    let url = from;
    for (let count = 0; count <= 10; count++) {
      const own = url.origin === origin.origin && authorization !== undefined;
      const all = { ...agent, ...headers, ...(own && { authorization }) };
      const content = body === undefined ? {} : { body: body() };
      const answer = answerOf(await client.send({ method, url, headers: all, ...content, signal }));
      const location = redirections.has(answer.status) ? answer.header("location") : undefined;
      const mayFollow = method === "GET" || method === "HEAD" || answer.status >= 307;
      if (location === undefined || !mayFollow) return answer;
      await answer.body.dump();
      url = redirectTarget(url, location).url;
    }
    throw new FetchError("bad-redirect", `${this.name} sends on more than 10 times`);
  }
}

const agent = { "user-agent": "kraft-graph" };

function isLoopback(name: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(name);
}
