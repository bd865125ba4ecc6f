import { FetchError } from "./fetch-error.ts";

/** What a fetch may have of the world around it. */
export interface FetchContext {
  /**
   * Of these it heeds `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` (in small letters, too),
   * `NETRC`, `HOME`, `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS`.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Called at each piece: bytes that are here, and of how many; undefined when nobody knows. */
  readonly onProgress: (bytes: number, total: number | undefined) => void;
  /** A number from 0 to below 1, so that many who were refused do not come back at once. */
  readonly random: () => number;
  /** Resolves after `ms` milliseconds; may reject when `signal` is aborted, and then at once. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds since 1970: servers may name the moment when to come back. */
  readonly epochMs: () => number;
}

/** Throws the FetchError `interrupted` when `signal` is aborted. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new FetchError("interrupted", "the fetch was interrupted");
}
