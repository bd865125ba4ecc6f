// Answers and broken connections → reasons that people understand, and whether to try again.

import { errorCode } from "../store/store-error.ts";
import { FetchError, type FetchErrorCode } from "./fetch-error.ts";
import type { Answer } from "./http-exchange.ts";

/** Why one attempt gave nothing. */
export interface Failure {
  readonly error: FetchError;
  /** Whether the same may work at once, later, or never. */
  readonly again: "now" | "later" | "never";
  /** When the server wants to be asked again; undefined when it does not say. */
  readonly retryAfterMs: number | undefined;
}

/** Carries a {@link Failure} out of an attempt. */
export class AttemptFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.error.message);
    this.failure = failure;
  }
}

/** The failure that `answer`, which has an unwanted status, is. `shown` is its address. */
export function failureOfStatus(answer: Answer, shown: string, epochMs: number): Failure {
  const { status } = answer;
  const error = new FetchError(codeOf(status), `${shown}: the server answers ${status}`, {
    ...helpOf(status),
  });
  if (!isPassing(status)) return { error, again: "never", retryAfterMs: undefined };
  const retryAfterMs = retryAfter(answer.header("retry-after"), epochMs);
  return { error, again: "later", retryAfterMs };
}

/** Whether the same question may get another answer than `status` later. */
export function isPassing(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}

/** The failure that `cause` is, which a connection ended with; undefined for defects of ours. */
export function failureOfConnection(cause: unknown, shown: string): Failure | undefined {
  if (cause instanceof AttemptFailed) return cause.failure;
  if (cause instanceof FetchError) {
    return { error: cause, again: "never", retryAfterMs: undefined };
  }
  const root = rootOf(cause);
  const code = errorCode(root);
  if (code === undefined || !(root instanceof Error)) return undefined;
  const proxyStatus = /\bProxy\b.*\((\d{3})\)/.exec(root.message)?.[1];
  if (proxyStatus !== undefined) return failureOfProxy(Number(proxyStatus), shown);
  const failure = (kind: FetchErrorCode, reason: string, help?: string) => {
    const options = { cause, ...(help !== undefined && { help }) };
    return new FetchError(kind, `${shown}: ${reason}`, options);
  };
  if (isTrustFailure(code)) {
    const help = "SSL_CERT_FILE can name a file with the certificates to trust";
    const error = failure("untrusted", `the server cannot be trusted (${code})`, help);
    return { error, again: "never", retryAfterMs: undefined };
  }
  const reason = reasons[code] ?? (code.startsWith("UND_ERR_") ? "the connection broke off" : "");
  if (reason === "") return undefined;
  const error = failure("unreachable", `${reason} (${code})`);
  // Who has no network wants to hear of it now; a name server that is busy says EAI_AGAIN.
  return { error, again: code === "ENOTFOUND" ? "never" : "later", retryAfterMs: undefined };
}

/** undici says in words only what a proxy answered. */
function failureOfProxy(status: number, shown: string): Failure {
  const isRefusal = status === 407 || status === 403;
  const help = "a proxy's address can say who asks: http://USER:PASSWORD@HOST:PORT";
  const message = `${shown}: the proxy answers ${status}`;
  const error = new FetchError(isRefusal ? "refused" : "unreachable", message, {
    ...(status === 407 && { help }),
  });
  return { error, again: isRefusal ? "never" : "later", retryAfterMs: undefined };
}

function codeOf(status: number): FetchErrorCode {
  if (status === 404 || status === 410) return "not-found";
  if (status === 401 || status === 403 || status === 407) return "refused";
  return "server-error";
}

function helpOf(status: number): { readonly help?: string } {
  if (status === 401 || status === 403) {
    return { help: "who to be there is read from ~/.netrc, or the file that NETRC names" };
  }
  return {};
}

/** Seconds or a date. Source: RFC 9110, section 10.2.3. */
function retryAfter(text: string | undefined, epochMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - epochMs);
}

/** Node wraps what happened with each of a host's addresses; undici may wrap that again. */
function rootOf(cause: unknown): unknown {
  let current = cause;
  for (let depth = 0; depth < 5; depth++) {
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else if (errorCode(current) === undefined && current instanceof Error && current.cause) {
      current = current.cause;
    } else break;
  }
  return current;
}

/** The code that `cause`, or what it came from, has; undefined for what has none. */
export function rootCodeOf(cause: unknown): string | undefined {
  return errorCode(rootOf(cause));
}

/** Whether the error `code` says that a certificate is not trusted. */
export function isTrustFailure(code: string): boolean {
  return /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|HOSTNAME_MISMATCH)/.test(code);
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name of the host cannot be looked up",
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection broke off",
  EPIPE: "the connection broke off",
  ECONNABORTED: "the connection broke off",
  ETIMEDOUT: "nobody answers",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ENETDOWN: "the network cannot be reached",
  EPROTO: "the server does not speak TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "the server does not speak TLS",
  HPE_INVALID_CONSTANT: "the server does not speak HTTP",
  UND_ERR_CONNECT_TIMEOUT: "nobody answers",
  UND_ERR_HEADERS_TIMEOUT: "the server has been silent too long",
  UND_ERR_BODY_TIMEOUT: "the server has been silent too long",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "fewer bytes came than were announced",
};
