// The message PackedResults of remote-cache.proto, to and from bytes. Knows no connection.

import { readDigest, writeDigest } from "../action/reapi-digest.ts";
import { type WireReader, decodeWire } from "../action/wire-reader.ts";
import { encodeWire } from "../action/wire-writer.ts";
import { type Digest, emptyDigest } from "../digest/digest.ts";

/** Encoded `ActionResult`s by their keys. */
export type PackedResults = ReadonlyMap<Digest, Uint8Array>;

/** The message `PackedResults`. */
export function encodePack(results: PackedResults): Uint8Array {
  return encodeWire((writer) => {
    for (const [key, result] of results) {
      writer.message(1, () => {
        writeDigest(writer, 1, key);
        writer.bytes(2, result);
      });
    }
  });
}

/** The results in `bytes`, which share memory with them; undefined when they are no such message. */
export function decodePack(bytes: Uint8Array): PackedResults | undefined {
  return decodeWire(bytes, (reader) => {
    const results = new Map<Digest, Uint8Array>();
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1) continue;
      const [key, result] = reader.message(readPacked);
      results.set(key, result);
    }
    return results;
  });
}

function readPacked(reader: WireReader): readonly [key: Digest, result: Uint8Array] {
  let key = emptyDigest;
  let result: Uint8Array = new Uint8Array(0);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = readDigest(reader);
    else if (field === 2) result = reader.bytes();
  }
  return [key, result];
}
