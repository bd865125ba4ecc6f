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
}

/** The status of what went well. */
export const fine: RpcStatus = { code: 0, message: "", missing: [] };

/** The `Status` in `bytes`, as the header `grpc-status-details-bin` has it. */
export function decodeStatus(bytes: Uint8Array): RpcStatus | undefined {
  return decodeWire(bytes, readStatus);
}

/** A `google.rpc.Status`. */
export function readStatus(reader: WireReader): RpcStatus {
  let [code, message] = [0, ""];
  const missing: Digest[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) code = reader.number();
    else if (field === 2) message = reader.text();
    else if (field === 3) {
      const { type, value } = reader.message(readAny);
      if (type.endsWith("/google.rpc.PreconditionFailure")) missing.push(...missingIn(value));
    }
  }
  return { code, message, missing };
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
