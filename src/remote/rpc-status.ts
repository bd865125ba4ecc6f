// How gRPC's calls and long operations say that they ended. Knows no connection.

import { type WireReader, decodeWire } from "../action/wire-reader.ts";
import { type Digest, parseDigest } from "../digest/digest.ts";

/** How something ended. Source: google.rpc.Status. */
export interface RpcStatus {
  /** A gRPC code; 0 is success. */
  readonly code: number;
  readonly message: string;
  /** Blobs that the server lacks, so far as it names them. */
  readonly missing: readonly Digest[];
  /** How long to wait before another try; absent: it does not say. Source: google.rpc.RetryInfo. */
  readonly retryAfterMs: number | undefined;
}

/** The status of what went well. */
export const fine: RpcStatus = { code: 0, message: "", missing: [], retryAfterMs: undefined };

/** The `Status` in `bytes`, as the header `grpc-status-details-bin` has it. */
export function decodeStatus(bytes: Uint8Array): RpcStatus | undefined {
  return decodeWire(bytes, readStatus);
}

/** A `google.rpc.Status`. */
export function readStatus(reader: WireReader): RpcStatus {
  let [code, message] = [0, ""];
  const missing: Digest[] = [];
  let retryAfterMs: number | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) code = reader.number();
    else if (field === 2) message = reader.text();
    else if (field === 3) {
      const { type, value } = reader.message(readAny);
      if (type.endsWith("/google.rpc.PreconditionFailure")) missing.push(...missingIn(value));
      if (type.endsWith("/google.rpc.RetryInfo")) retryAfterMs = delayMsIn(value);
    }
  }
  return { code, message, missing, retryAfterMs };
}

/** The delay of a `RetryInfo`; undefined when there is none that could be waited for. */
function delayMsIn(bytes: Uint8Array): number | undefined {
  const delayMs = decodeWire(bytes, (reader) => {
    let found = 0;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) found = reader.message(readDurationMs);
    }
    return found;
  });
  return delayMs !== undefined && delayMs > 0 ? delayMs : undefined;
}

/** A `google.protobuf.Duration`. */
function readDurationMs(reader: WireReader): number {
  let [seconds, nanos] = [0, 0];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) seconds = reader.number();
    else if (field === 2) nanos = reader.number();
  }
  return seconds * 1000 + nanos / 1e6;
}

/** A `google.protobuf.Any`. */
export function readAny(reader: WireReader): { type: string; value: Uint8Array } {
  let type = "";
  let value: Uint8Array = new Uint8Array(0);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = reader.text();
    else if (field === 2) value = reader.bytes();
  }
  return { type, value };
}

/** What the violations of a `PreconditionFailure` say is missing: `blobs/<hash>/<size>`. */
function missingIn(bytes: Uint8Array): readonly Digest[] {
  const missing: Digest[] = [];
  decodeWire(bytes, (reader) => {
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1) continue;
      const digest = reader.message(readViolation);
      if (digest !== undefined) missing.push(digest);
    }
  });
  return missing;
}

function readViolation(reader: WireReader): Digest | undefined {
  let [type, subject] = ["", ""];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = reader.text();
    else if (field === 2) subject = reader.text();
  }
  const [, digest = ""] = /(?:^|\/)blobs\/([0-9a-f]+\/\d+)$/.exec(subject) ?? [];
  return type === "MISSING" ? parseDigest(digest) : undefined;
}
