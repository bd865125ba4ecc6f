/**
 * What went wrong. `transient`: it may go well the next time; `timeout`: no answer came in time;
 * `missing`: there is no such blob; `denied`: whoever asks may not; `unsupported`: the server
 * cannot; `refused`: it does not want this request; `full`: it has no room for what it is given, nor is
 * it likely to have some soon; `off`: the remote is not used any more.
 */
export type RemoteErrorKind =
  | "transient"
  | "timeout"
  | "missing"
  | "denied"
  | "unsupported"
  | "refused"
  | "full"
  | "off";

/** A request to a remote that came to nothing. Never a reason for a build to fail. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly kind: RemoteErrorKind;
  /** How long the server wants us to wait before the next try; absent: it does not say. */
  readonly retryAfterMs: number | undefined;

  /** `message` is one line, without secrets. */
  constructor(
    kind: RemoteErrorKind,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** `error` as what went wrong at a remote; throws it when it is something else, as a bug. */
export function asRemoteError(error: unknown): RemoteError {
  if (error instanceof RemoteError) return error;
  throw error;
}
