// Requests to a REAPI action cache, and what its answers carry along. Knows no connection.

import { writeDigest } from "../action/reapi-digest.ts";
import { type WireReader, decodeWire } from "../action/wire-reader.ts";
import { encodeWire } from "../action/wire-writer.ts";
import { type Digest, digestOf } from "../digest/digest.ts";

/** The message `GetActionResultRequest`, which asks for what was printed along with the result. */
export function encodeResultRequest(instance: string, key: Digest): Uint8Array {
  return encodeWire((writer) => {
    writer.bytes(1, instance);
    writeDigest(writer, 2, key);
    writer.boolean(3, true);
    writer.boolean(4, true);
  });
}

/** The message `UpdateActionResultRequest`; `result` is an encoded `ActionResult`. */
export function encodeUpdateRequest(
  instance: string,
  { key, result }: { readonly key: Digest; readonly result: Uint8Array },
): Uint8Array {
  return encodeWire((writer) => {
    writer.bytes(1, instance);
    writeDigest(writer, 2, key);
    writer.element(3, result);
  });
}

/**
 * The blobs that stand in the encoded `ActionResult` itself, by the digests that they have. A
 * server may inline what was printed, and small files. Nothing for what is no such message.
 */
export function inlinedBlobsOf(result: Uint8Array): ReadonlyMap<Digest, Uint8Array> {
  const blobs = new Map<Digest, Uint8Array>();
  const add = (bytes: Uint8Array) => {
    if (bytes.byteLength > 0) blobs.set(digestOf(bytes), bytes);
  };
  const isRead = decodeWire(result, (reader) => {
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 2) add(reader.message(readContents));
      else if (field === 5 || field === 7) add(reader.bytes());
    }
    return true;
  });
  return isRead === true ? blobs : new Map();
}

function readContents(reader: WireReader): Uint8Array {
  let contents: Uint8Array = new Uint8Array(0);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 5) contents = reader.bytes();
  }
  return contents;
}
