// One question to a server, and to those it sends on to. Knows no file.

import type { Dispatcher } from "undici";

import { type Address, type Credentials, httpAddress, publicAddress } from "./address.ts";
import { FetchError } from "./fetch-error.ts";
import type { HttpClient } from "./http-client.ts";
import { credentialsFor, type NetrcEntry } from "./netrc.ts";

/** What an answer is made of. */
export interface Answer {
  readonly status: number;
  readonly body: Dispatcher.ResponseData["body"];
  /** The value of the header `name`, which is in small letters; of several, the first. */
  readonly header: (name: string) => string | undefined;
}

/** Asks for an address, with headers, and goes where it is sent to. */
export type Ask = (
  address: Address & { kind: "http" },
  headers: Readonly<Record<string, string>>,
) => Promise<Answer>;

/** Who asks, and how. */
export interface Asker {
  readonly client: HttpClient;
  readonly netrc: readonly NetrcEntry[];
  readonly signal: AbortSignal;
}

const redirectLimit = 10;

/** Asks for `address`, and goes where it is sent to. Throws a FetchError for bad ways only. */
export async function ask(
  address: Address & { kind: "http" },
  headers: Readonly<Record<string, string>>,
  asker: Asker,
): Promise<Answer> {
  let { url, credentials } = address;
  credentials ??= credentialsFor(asker.netrc, url.hostname);
  for (let count = 0; count <= redirectLimit; count++) {
    const answer = await askOnce(url, { ...headers, ...authorizationOf(credentials) }, asker);
    const location = redirections.has(answer.status) ? answer.header("location") : undefined;
    if (location === undefined) return answer;
    await answer.body.dump();
    const next = redirectTarget(url, location);
    // Who the first host may know is no business of the next; what an address itself says is.
    const same = next.url.origin === url.origin;
    credentials = next.credentials ?? (same ? credentials : namedFor(asker.netrc, next.url));
    url = next.url;
  }
  throw new FetchError(
    "bad-redirect",
    `${publicAddress(address.url.href)} sends on more than ${redirectLimit} times`,
  );
}

export const redirections = new Set([301, 302, 303, 307, 308]);

async function askOnce(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { client, signal }: Asker,
): Promise<Answer> {
  return answerOf(await client.request(url, headers, signal));
}

/** What a client was answered. */
export function answerOf({ statusCode, headers, body }: Dispatcher.ResponseData): Answer {
  const header = (name: string) => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  return { status: statusCode, body, header };
}

/** Where `location` leads from `from`. Source: RFC 9110, section 15.4. */
export function redirectTarget(from: URL, location: string): Address & { kind: "http" } {
  const shown = publicAddress(from.href);
  if (!URL.canParse(location, from.href)) {
    throw new FetchError("bad-redirect", `${shown} sends on to what is not an address`);
  }
  const to = new URL(location, from);
  const isSecure = to.protocol === "https:";
  if (isSecure || (to.protocol === "http:" && from.protocol === "http:")) return httpAddress(to);
  throw new FetchError(
    "bad-redirect",
    `${shown} sends on to ${to.protocol === "http:" ? "unprotected http" : to.protocol.slice(0, -1)}, which is refused`,
    { help: "name the address that it should come from" },
  );
}

/** Entries for any machine are not for one that the user did not name. */
function namedFor(netrc: readonly NetrcEntry[], url: URL): Credentials | undefined {
  const named = netrc.filter(({ machine }) => machine !== undefined);
  return credentialsFor(named, url.hostname);
}

export function authorizationOf(credentials: Credentials | undefined): Record<string, string> {
  if (credentials === undefined) return {};
  const text = `${credentials.user}:${credentials.password}`;
  return { authorization: `Basic ${Buffer.from(text).toString("base64")}` };
}
