// What REAPI clients ask of a cache, from bytes. Knows no connection.

import { readDigest } from "../action/reapi-digest.ts";
import { type WireReader, decodeWire, malformed } from "../action/wire-reader.ts";
import { type Digest, parseDigest, splitDigest } from "../digest/digest.ts";

/** The key that a `GetActionResultRequest` names; undefined when `bytes` are none, and so below. */
export function decodeResultRequest(bytes: Uint8Array): Digest | undefined {
  return decodeWire(bytes, (reader) => readField2(reader) ?? malformed());
}

/** An `UpdateActionResultRequest`. */
export interface ResultUpdate {
  readonly key: Digest;
  /** Encoded. */
  readonly result: Uint8Array;
}

export function decodeResultUpdate(bytes: Uint8Array): ResultUpdate | undefined {
  return decodeWire(bytes, (reader) => {
    let key: Digest | undefined;
    let result: Uint8Array = new Uint8Array(0);
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 2) key = readDigest(reader);
      else if (field === 3) result = reader.bytes();
    }
    return { key: key ?? malformed(), result };
  });
}

/** The digest that is the second field of a message, as in most requests for one. */
function readField2(reader: WireReader): Digest | undefined {
  let digest: Digest | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) digest = readDigest(reader);
  }
  return digest;
}

/** The digests in a `FindMissingBlobsRequest` or a `BatchReadBlobsRequest`. */
export function decodeDigestsRequest(bytes: Uint8Array): readonly Digest[] | undefined {
  return decodeWire(bytes, (reader) => {
    const digests: Digest[] = [];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 2) digests.push(readDigest(reader));
    }
    return digests;
  });
}

/** One blob of a `BatchUpdateBlobsRequest`. */
export interface GivenBlob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  /** By REAPI's numbers; 0: the bytes are as they are. */
  readonly compressor: number;
}

export function decodeUpdateRequest(bytes: Uint8Array): readonly GivenBlob[] | undefined {
  return decodeWire(bytes, (reader) => {
    const blobs: GivenBlob[] = [];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 2) blobs.push(reader.message(readGiven));
    }
    return blobs;
  });
}

function readGiven(reader: WireReader): GivenBlob {
  let digest: Digest | undefined;
  let bytes: Uint8Array = new Uint8Array(0);
  let compressor = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) digest = readDigest(reader);
    else if (field === 2) bytes = reader.bytes();
    else if (field === 3) compressor = reader.number();
  }
  return { digest: digest ?? malformed(), bytes, compressor };
}

/** The directory at the top that a `GetTreeRequest` names. */
export function decodeTreeRequest(bytes: Uint8Array): Digest | undefined {
  return decodeResultRequest(bytes);
}

/** A `ReadRequest`. */
export interface ReadRequest {
  readonly name: string;
  readonly offset: number;
  /** 0: to the end. */
  readonly limit: number;
}

export function decodeReadRequest(bytes: Uint8Array): ReadRequest | undefined {
  return decodeWire(bytes, (reader) => {
    let [name, offset, limit] = ["", 0, 0];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) name = reader.text();
      else if (field === 2) offset = reader.number();
      else if (field === 3) limit = reader.number();
    }
    return { name, offset, limit };
  });
}

/** A `WriteRequest`. */
export interface WriteRequest {
  /** Only in the first of an upload. */
  readonly name: string;
  readonly offset: number;
  readonly isLast: boolean;
  readonly data: Uint8Array;
}

export function decodeWriteRequest(bytes: Uint8Array): WriteRequest | undefined {
  return decodeWire(bytes, (reader) => {
    let [name, offset, isLast] = ["", 0, false];
    let data: Uint8Array = new Uint8Array(0);
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) name = reader.text();
      else if (field === 2) offset = reader.number();
      else if (field === 3) isLast = reader.boolean();
      else if (field === 10) data = reader.bytes();
    }
    return { name, offset, isLast, data };
  });
}

/** The upload that a `QueryWriteStatusRequest` is about. */
export function decodeStatusRequest(bytes: Uint8Array): string | undefined {
  return decodeReadRequest(bytes)?.name;
}

/** A blob that a name stands for. */
export interface NamedBlob {
  readonly digest: Digest;
  /** Whether it travels as a frame of zstd; offsets in answers to reads are of the blob all the same. */
  readonly isCompressed: boolean;
}

/** The blob that a name to read stands for: `{instance/}blobs/{hash}/{size}`. */
export function blobToRead(name: string): NamedBlob | undefined {
  return namedBlob(/^(?:.*\/)?(blobs|compressed-blobs\/zstd)\/([0-9a-f]{64}\/\d+)$/.exec(name));
}

/** The blob that a name to write stands for: `{instance/}uploads/{uuid}/blobs/{hash}/{size}{/…}`. */
export function blobToWrite(name: string): NamedBlob | undefined {
  const pattern =
    /^(?:.*\/)?uploads\/[^/]+\/(blobs|compressed-blobs\/zstd)\/([0-9a-f]{64}\/\d+)(?:\/.*)?$/;
  return namedBlob(pattern.exec(name));
}

function namedBlob(match: RegExpExecArray | null): NamedBlob | undefined {
  const [, kind = "", text = ""] = match ?? [];
  const digest = parseDigest(text);
  if (digest === undefined || !Number.isSafeInteger(splitDigest(digest).sizeBytes))
    return undefined;
  return { digest, isCompressed: kind !== "blobs" };
}
