// Requests to a REAPI content-addressable storage, and its answers. Knows no connection.

import { readDigest, writeDigest } from "../action/reapi-digest.ts";
import { type WireReader, decodeWire } from "../action/wire-reader.ts";
import { encodeWire } from "../action/wire-writer.ts";
import type { Digest } from "../digest/digest.ts";

/** How a server dealt with one blob of a batch. Source: google.rpc.Status. */
export interface BlobStatus {
  /** A gRPC code; 0 is success. */
  readonly code: number;
  readonly message: string;
}

/** One blob of a batch that was sent or asked for. The bytes are not checked. */
export interface BlobAnswer {
  /** Absent where a server leaves it out, and answers in the order of the request. */
  readonly digest: Digest | undefined;
  /** Empty in answers to what was sent. */
  readonly bytes: Uint8Array;
  readonly status: BlobStatus;
  /** By REAPI's numbers; 0: the bytes are as they are. */
  readonly compressor: number;
}

/** The message `FindMissingBlobsRequest`, or `BatchReadBlobsRequest`, which looks the same. */
export function encodeDigestsRequest(instance: string, digests: readonly Digest[]): Uint8Array {
  return encodeWire((writer) => {
    writer.bytes(1, instance);
    for (const digest of digests) writeDigest(writer, 2, digest);
  });
}

/** The digests in a `FindMissingBlobsResponse`; undefined when `bytes` are none. */
export function decodeMissing(bytes: Uint8Array): readonly Digest[] | undefined {
  return decodeWire(bytes, (reader) => {
    const missing: Digest[] = [];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 2) missing.push(readDigest(reader));
    }
    return missing;
  });
}

/** The message `BatchUpdateBlobsRequest`. */
export function encodeBatchUpdate(
  instance: string,
  blobs: ReadonlyMap<Digest, Uint8Array>,
): Uint8Array {
  return encodeWire((writer) => {
    writer.bytes(1, instance);
    for (const [digest, bytes] of blobs) {
      writer.message(2, () => {
        writeDigest(writer, 1, digest);
        writer.bytes(2, bytes);
      });
    }
  });
}

/** What a `BatchUpdateBlobsResponse` says of each blob; undefined when `bytes` are none. */
export function decodeBatchUpdate(bytes: Uint8Array): readonly BlobAnswer[] | undefined {
  return decodeWire(bytes, (reader) => {
    const answers: BlobAnswer[] = [];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1) continue;
      answers.push(reader.message((message) => readAnswer(message, { status: 2, data: 3 })));
    }
    return answers;
  });
}

/** The blobs in a `BatchReadBlobsResponse`; undefined when `bytes` are none. */
export function decodeBatchRead(bytes: Uint8Array): readonly BlobAnswer[] | undefined {
  return decodeWire(bytes, (reader) => {
    const answers: BlobAnswer[] = [];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1) continue;
      answers.push(reader.message((message) => readAnswer(message, { status: 3, data: 2 })));
    }
    return answers;
  });
}

/** The two kinds of answer differ in the numbers of these fields. */
interface AnswerFields {
  readonly status: number;
  readonly data: number;
}

function readAnswer(reader: WireReader, fields: AnswerFields): BlobAnswer {
  let digest: Digest | undefined;
  let bytes: Uint8Array = new Uint8Array(0);
  let status: BlobStatus = { code: 0, message: "" };
  let compressor = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) digest = readDigest(reader);
    else if (field === fields.status) status = reader.message(readStatus);
    else if (field === fields.data) bytes = reader.bytes();
    else if (field === 4) compressor = reader.number();
  }
  return { digest, bytes, status, compressor };
}

function readStatus(reader: WireReader): BlobStatus {
  let [code, message] = [0, ""];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) code = reader.number();
    else if (field === 2) message = reader.text();
  }
  return { code, message };
}
