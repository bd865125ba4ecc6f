// What HTTP's refusals and failures mean for a cache's client. Sends nothing.

import { RemoteError, type RemoteErrorKind } from "./remote-error.ts";

/** The request that an error is of. */
export interface ErrorContext {
  readonly method: string;
  readonly path: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Why an answer is none that helps; undefined when it is one, or says that nothing is there. */
export function refusalOf(
  answer: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  },
  { method, path }: ErrorContext,
): RemoteError | undefined {
  const { statusCode, headers } = answer;
  const isMissing = statusCode === 404 && method !== "PUT";
  if (isMissing || (statusCode >= 200 && statusCode < 300)) return undefined;
  const retryAfter = Number(headers["retry-after"]);
  const options = retryAfter > 0 ? { retryAfterMs: retryAfter * 1000 } : {};
  const message = `${method} ${path}: HTTP ${statusCode}`;
  return new RemoteError(kindOf(statusCode), message, options);
}

/** What broke a request off. Throws `error` when it is no failure of the network. */
export function failureOf(
  error: unknown,
  { method, path, signal, timeoutMs }: ErrorContext,
): RemoteError {
  if (signal.aborted) return new RemoteError("off", "the remote is given up");
  if (!(error instanceof Error)) throw error;
  if (error instanceof RemoteError) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  // Undici and Node give each failure of the network a code; what has none is a bug.
  if (code === undefined) throw error;
  if (/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(code)) {
    return new RemoteError("timeout", `${method} ${path}: no answer in ${timeoutMs / 1000} s`);
  }
  const reason = error.message === "" ? code : error.message;
  return new RemoteError("transient", `${method} ${path}: ${reason}`, { cause: error });
}

function kindOf(statusCode: number): RemoteErrorKind {
  if (statusCode === 401 || statusCode === 403 || statusCode === 407) return "denied";
  if (statusCode === 404) return "refused";
  // What does not pass in a second, nor has to do with what is read.
  if (statusCode === 507) return "full";
  if (statusCode === 405 || statusCode === 501) return "unsupported";
  const isPassing = statusCode === 408 || statusCode === 425 || statusCode === 429;
  return isPassing || statusCode >= 500 ? "transient" : "refused";
}
