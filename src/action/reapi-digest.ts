import { type Digest, parseDigest, splitDigest } from "../digest/digest.ts";
import { type WireReader, malformed } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/** Writes `digest` as the field `field`. Source: REAPI v2 `Digest`. */
export function writeDigest(writer: WireWriter, field: number, digest: Digest): void {
  writer.message(field, () => {
    const { hash, sizeBytes } = splitDigest(digest);
    writer.bytes(1, hash);
    writer.number(2, sizeBytes);
  });
}

/** The `Digest` that is the current field of `reader`; one that is not of SHA-256 is malformed. */
export function readDigest(reader: WireReader): Digest {
  return reader.message((message) => {
    let hash = "";
    let sizeBytes = 0;
    for (let field = message.next(); field !== 0; field = message.next()) {
      if (field === 1) hash = message.text();
      else if (field === 2) sizeBytes = message.number();
    }
    return parseDigest(`${hash}/${sizeBytes}`) ?? malformed();
  });
}
