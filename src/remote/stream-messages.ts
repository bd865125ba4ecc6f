// The messages of google.bytestream, and the names that REAPI gives to blobs there.

import { decodeWire } from "../action/wire-reader.ts";
import { encodeWire } from "../action/wire-writer.ts";
import { type Digest, splitDigest } from "../digest/digest.ts";

/** Where a blob is, or goes to. */
export interface ResourceOptions {
  readonly instance: string;
  readonly digest: Digest;
  /** Whether its bytes are sent as a zstd frame; the digest is of what they stand for. */
  readonly isCompressed: boolean;
}

/** Names a blob to read: `{instance/}blobs/{hash}/{size}`. */
export function readName({ instance, digest, isCompressed }: ResourceOptions): string {
  const { hash, sizeBytes } = splitDigest(digest);
  const kind = isCompressed ? "compressed-blobs/zstd" : "blobs";
  return `${prefixOf(instance)}${kind}/${hash}/${sizeBytes}`;
}

/** Names an upload, which `uuid` tells from others: `{instance/}uploads/{uuid}/blobs/…`. */
export function writeName(uuid: string, resource: ResourceOptions): string {
  const { instance, ...rest } = resource;
  return `${prefixOf(instance)}uploads/${uuid}/${readName({ ...rest, instance: "" })}`;
}

function prefixOf(instance: string): string {
  return instance === "" ? "" : `${instance}/`;
}

/** The message `ReadRequest`: from `offset` to the end. */
export function encodeReadRequest(name: string, offset: number): Uint8Array {
  return encodeWire((writer) => {
    writer.bytes(1, name);
    writer.number(2, offset);
  });
}

/** The bytes in a `ReadResponse`; undefined when `bytes` are none. */
export function decodeReadResponse(bytes: Uint8Array): Uint8Array | undefined {
  return decodeWire(bytes, (reader) => {
    let data: Uint8Array = new Uint8Array(0);
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 10) data = reader.bytes();
    }
    return data;
  });
}

/** A `WriteRequest`. */
export interface WritePiece {
  /** Only the first of an upload needs one. */
  readonly name: string;
  /** Of `data`, in what is sent. */
  readonly offset: number;
  readonly isLast: boolean;
  readonly data: Uint8Array;
}

/** The message `WriteRequest`. */
export function encodeWriteRequest({ name, offset, isLast, data }: WritePiece): Uint8Array {
  return encodeWire((writer) => {
    writer.bytes(1, name);
    writer.number(2, offset);
    writer.boolean(3, isLast);
    writer.bytes(10, data);
  });
}

/** The message `QueryWriteStatusRequest`. */
export function encodeStatusRequest(name: string): Uint8Array {
  return encodeWire((writer) => writer.bytes(1, name));
}

/** How far an upload is. */
export interface WriteStatus {
  /** -1 in answers to compressed uploads that were not needed to their end. */
  readonly committedBytes: number;
  readonly isComplete: boolean;
}

/** A `WriteResponse` or `QueryWriteStatusResponse`; undefined when `bytes` are none. */
export function decodeWriteStatus(bytes: Uint8Array): WriteStatus | undefined {
  return decodeWire(bytes, (reader) => {
    let [committedBytes, isComplete] = [0, false];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) committedBytes = reader.number();
      else if (field === 2) isComplete = reader.boolean();
    }
    return { committedBytes, isComplete };
  });
}

/**
 * `bytes` as messages `WriteRequest`; the first has the name, and the last, which some servers want to be the one
 * with the last bytes, says that it is.
 */
export async function* writeRequestsOf(
  bytes: AsyncIterable<Uint8Array>,
  start: { readonly name: string; readonly offset: number },
): AsyncIterable<Uint8Array> {
  let { name, offset } = start;
  let data: Uint8Array = new Uint8Array(0);
  for await (const next of cut(bytes)) {
    if (data.byteLength > 0) {
      yield encodeWriteRequest({ name, offset, isLast: false, data });
      name = "";
      offset += data.byteLength;
    }
    data = next;
  }
  yield encodeWriteRequest({ name, offset, isLast: true, data });
}

/** `bytes` in pieces that fit into messages. */
async function* cut(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.byteLength; at += pieceBytes) {
      yield chunk.subarray(at, at + pieceBytes);
    }
  }
}

/** The most of a blob that goes in one message. */
const pieceBytes = 1024 ** 2;
