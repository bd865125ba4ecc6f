// Tokens and passwords for one registry: which there are, and how to come by new ones.

import { FetchError } from "../fetch/fetch-error.ts";
import type { HttpClient } from "../fetch/http-client.ts";
import { answerOf, authorizationOf, type Answer } from "../fetch/http-exchange.ts";
import { AttemptFailed, failureOfStatus } from "../fetch/http-failure.ts";
import type { Challenge } from "./challenge.ts";
import type { RegistryCredentials } from "./credentials.ts";
import { bodyText } from "./answer-body.ts";

/** What asking for tokens takes. */
export interface AuthorizerParts {
  readonly registry: string;
  readonly client: HttpClient;
  /** Whether plain http will do for passwords, too. */
  readonly allowsPlain: boolean;
  readonly credentials: () => Promise<RegistryCredentials | undefined>;
  readonly epochMs: () => number;
}

interface Authorization {
  readonly header: string;
  /** When it ends; undefined: it does not. */
  readonly untilMs: number | undefined;
}

/** Says what to put into `authorization`, by what it is for. */
export class Authorizer {
  readonly #parts: AuthorizerParts;
  readonly #known = new Map<string, Authorization>();
  readonly #asking = new Map<string, Promise<Authorization | undefined>>();
  #credentials: Promise<RegistryCredentials | undefined> | undefined;

  constructor(parts: AuthorizerParts) {
    this.#parts = parts;
  }

  /** What worked for `scope` before, as far as it still may; undefined: nothing. */
  known(scope: string): string | undefined {
    const found = this.#known.get(scope);
    const ended = found?.untilMs !== undefined && found.untilMs <= this.#parts.epochMs();
    return ended ? undefined : found?.header;
  }

  /**
   * Another header for `scope`, as the registry refused `refused` and sent `challenges`; undefined
   * when there is nothing else to say. Of many who ask at once, one asks.
   */
  async meet(
    challenges: readonly Challenge[],
    { scope, refused, signal }: { scope: string; refused: string | undefined; signal: AbortSignal },
  ): Promise<string | undefined> {
    const newer = this.known(scope);
    if (newer !== undefined && newer !== refused) return newer;
    let asking = this.#asking.get(scope);
    if (asking === undefined) {
      asking = this.#ask(challenges, scope, signal).finally(() => this.#asking.delete(scope));
      this.#asking.set(scope, asking);
    }
    const found = await asking;
    if (found === undefined || found.header === refused) return undefined;
    this.#known.set(scope, found);
    return found.header;
  }

  async #ask(
    challenges: readonly Challenge[],
    scope: string,
    signal: AbortSignal,
  ): Promise<Authorization | undefined> {
    this.#credentials ??= this.#parts.credentials();
    const credentials = await this.#credentials;
    if (credentials?.kind === "token") return lasting(`Bearer ${credentials.token}`);
    const bearer = challenges.find((one) => one.kind === "bearer");
    if (bearer !== undefined) return this.#token(bearer, { credentials, scope, signal });
    const isBasic = challenges.some(({ kind }) => kind === "basic");
    if (!isBasic || credentials?.kind !== "password") return undefined;
    return lasting(authorizationOf(credentials)["authorization"] ?? "");
  }

  async #token(
    challenge: Challenge & { kind: "bearer" },
    about: {
      readonly credentials: RegistryCredentials | undefined;
      readonly scope: string;
      readonly signal: AbortSignal;
    },
  ): Promise<Authorization | undefined> {
    const { registry, epochMs } = this.#parts;
    const answer = await this.#askRealm(challenge, about);
    const text = await bodyText(answer, maxTokenBytes);
    if (answer.status === 401 || answer.status === 403) return undefined;
    if (answer.status !== 200) {
      throw new AttemptFailed(failureOfStatus(answer, `tokens of ${registry}`, epochMs()));
    }
    const found = tokenIn(text);
    if (found === undefined) {
      throw new FetchError("server-error", `${registry}: who gives its tokens gives none`);
    }
    // A little earlier, as what is being asked takes time, too.
    const untilMs = epochMs() + Math.max(found.seconds - 5, found.seconds / 2) * 1000;
    return { header: `Bearer ${found.token}`, untilMs };
  }

  #askRealm(
    challenge: Challenge & { kind: "bearer" },
    about: {
      readonly credentials: RegistryCredentials | undefined;
      readonly scope: string;
      readonly signal: AbortSignal;
    },
  ): Promise<Answer> {
    const { client } = this.#parts;
    const { credentials, scope, signal } = about;
    const url = this.#realmOf(challenge, credentials);
    const scopes = scope === "" ? (challenge.scope?.split(" ") ?? []) : scope.split(" ");
    const headers = { "user-agent": "kraft-graph" };
    if (credentials?.kind === "identity") {
      const form = new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: credentials.token,
        client_id: "kraft-graph",
        ...(challenge.service !== undefined && { service: challenge.service }),
        scope: scopes.join(" "),
      });
      const type = "application/x-www-form-urlencoded";
      const body = Buffer.from(form.toString());
      const asForm = { ...headers, "content-type": type };
      return client.send({ method: "POST", url, headers: asForm, body, signal }).then(answerOf);
    }
    if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
    for (const one of scopes) url.searchParams.append("scope", one);
    const authorization =
      credentials?.kind === "password" ? authorizationOf(credentials) : undefined;
    return client
      .send({ method: "GET", url, headers: { ...headers, ...authorization }, signal })
      .then(answerOf);
  }

  /** A password goes to nobody who could be anybody. */
  #realmOf({ realm }: { realm: string }, credentials: RegistryCredentials | undefined): URL {
    const { registry, allowsPlain } = this.#parts;
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && allowsPlain);
    if (url !== undefined && (isSafe || (url.protocol === "http:" && credentials === undefined))) {
      return url;
    }
    const message = `${registry}: it wants a token from ${realm}, which is not asked`;
    throw new FetchError("untrusted", message, { help: "only https is safe for a password" });
  }
}

const maxTokenBytes = 1024 * 1024;

function lasting(header: string): Authorization {
  return { header, untilMs: undefined };
}

/** Source: distribution, "Token Authentication Specification": 60 seconds unless it says another. */
function tokenIn(text: string): { token: string; seconds: number } | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    const token = value?.["token"] || value?.["access_token"];
    const seconds = value?.["expires_in"];
    if (typeof token !== "string" || token === "") return undefined;
    return { token, seconds: typeof seconds === "number" && seconds > 0 ? seconds : 60 };
  } catch {
    return undefined;
  }
}
