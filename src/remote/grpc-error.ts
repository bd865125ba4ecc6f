// What gRPC's refusals and failures mean for a client. Sends nothing.

import { type ServiceError, status } from "@grpc/grpc-js";

import { RemoteError, type RemoteErrorKind } from "./remote-error.ts";
import { decodeStatus, type RpcStatus } from "./rpc-status.ts";

/** The call that an error is of. */
export interface FailedCall {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether it gives the server something to keep. */
  readonly gives: boolean;
  /** Whether it was ended here, as it took too long. */
  readonly isLate: boolean;
}

/** What came of a call, for who made it. */
export function failureOf(
  error: ServiceError,
  { path, timeoutMs, signal, gives, isLate }: FailedCall,
): RemoteError {
  if (signal.aborted) return new RemoteError("off", "the remote is given up");
  const method = path.slice(path.lastIndexOf("/") + 1);
  if (isLate) return new RemoteError("timeout", `${method}: no answer in ${timeoutMs / 1000} s`);
  const details = error.details.split("\n", 1)[0] ?? "";
  const message = `${method}: ${status[error.code]}: ${details}`;
  const { retryAfterMs } = statusOf(error);
  const options = { cause: error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (error.code !== status.RESOURCE_EXHAUSTED) {
    return new RemoteError(kindOf(error.code), message, options);
  }
  // Of the libraries of both sides, which have a code for it that says something else.
  if (tooLong.test(details)) return new RemoteError("refused", message, options);
  return new RemoteError(exhaustedKind({ gives, retryAfterMs }), message, options);
}

/** Whether it is what gRPC ends a call with. */
export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "metadata" in error;
}

/** How the call ended that `error` is about; undefined when it is about none. */
export function statusIn(error: unknown): RpcStatus | undefined {
  const cause = error instanceof RemoteError ? error.cause : undefined;
  return isServiceError(cause) ? statusOf(cause) : undefined;
}

function statusOf({ metadata, code, details }: ServiceError): RpcStatus {
  const [told] = metadata.get("grpc-status-details-bin");
  const decoded = Buffer.isBuffer(told) ? decodeStatus(told) : undefined;
  return decoded ?? { code, message: details, missing: [], retryAfterMs: undefined };
}

const tooLong = /larger than max|exceeds maximum size/i;

/** No room for what is given, unless the server knows when there is. */
function exhaustedKind(about: {
  readonly gives: boolean;
  readonly retryAfterMs: number | undefined;
}): RemoteErrorKind {
  return about.gives && about.retryAfterMs === undefined ? "full" : "transient";
}

/** What the gRPC code `code` means for a caller. */
export function kindOf(code: number): RemoteErrorKind {
  return kinds.get(code) ?? "refused";
}

const kinds: ReadonlyMap<number, RemoteErrorKind> = new Map([
  [status.CANCELLED, "transient"],
  [status.UNKNOWN, "transient"],
  [status.DEADLINE_EXCEEDED, "timeout"],
  [status.NOT_FOUND, "missing"],
  [status.PERMISSION_DENIED, "denied"],
  [status.RESOURCE_EXHAUSTED, "transient"],
  [status.ABORTED, "transient"],
  [status.UNIMPLEMENTED, "unsupported"],
  [status.INTERNAL, "transient"],
  [status.UNAVAILABLE, "transient"],
  [status.DATA_LOSS, "transient"],
  [status.UNAUTHENTICATED, "denied"],
]);
