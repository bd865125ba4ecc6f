// What a cache says to REAPI clients, to bytes. Knows no connection.

import { writeDigest } from "../action/reapi-digest.ts";
import { encodeWire, type WireWriter } from "../action/wire-writer.ts";
import type { Digest } from "../digest/digest.ts";
import { compressorZstd, digestFunctionSha256 } from "../remote/capabilities.ts";

/** What a server's capabilities depend on. */
export interface OwnCapabilities {
  /** Whether whoever asks may write. */
  readonly canUpdate: boolean;
  readonly maxBatchBytes: number;
  readonly maxBlobBytes: number;
  /** Whether single blobs travel as frames of zstd, too. */
  readonly compresses: boolean;
}

/** The message `ServerCapabilities` of a cache that speaks version 2 of the API. */
export function encodeCapabilities(own: OwnCapabilities): Uint8Array {
  return encodeWire((writer) => {
    writer.message(1, () => {
      writer.number(1, digestFunctionSha256);
      writer.message(2, () => writer.boolean(1, own.canUpdate));
      writer.number(4, own.maxBatchBytes);
      writer.number(5, symlinksMayBeAbsolute);
      if (own.compresses) writer.number(6, compressorZstd);
      writer.number(8, own.maxBlobBytes);
    });
    writer.message(4, () => writer.number(1, 2));
    writer.message(5, () => {
      writer.number(1, 2);
      writer.number(2, 3);
    });
  });
}

/** Of REAPI's `SymlinkAbsolutePathStrategy`. */
const symlinksMayBeAbsolute = 2;

/** The message `FindMissingBlobsResponse`. */
export function encodeMissing(digests: readonly Digest[]): Uint8Array {
  return encodeWire((writer) => {
    for (const digest of digests) writeDigest(writer, 2, digest);
  });
}

/** What became of one blob of a batch. */
export interface BlobOutcome {
  readonly digest: Digest;
  /** Of one that was asked for. */
  readonly bytes?: Uint8Array | undefined;
  /** A gRPC code. */
  readonly code: number;
  readonly message: string;
}

/** The message `BatchUpdateBlobsResponse`. */
export function encodeUpdated(outcomes: readonly BlobOutcome[]): Uint8Array {
  return encodeOutcomes(outcomes, 2);
}

/** The message `BatchReadBlobsResponse`. */
export function encodeBlobs(outcomes: readonly BlobOutcome[]): Uint8Array {
  return encodeOutcomes(outcomes, 3);
}

function encodeOutcomes(outcomes: readonly BlobOutcome[], statusField: number): Uint8Array {
  return encodeWire((writer) => {
    for (const outcome of outcomes) {
      writer.message(1, () => {
        writeDigest(writer, 1, outcome.digest);
        if (outcome.bytes !== undefined) writer.bytes(2, outcome.bytes);
        writer.message(statusField, () => writeStatus(writer, outcome));
      });
    }
  });
}

function writeStatus(writer: WireWriter, { code, message }: BlobOutcome): void {
  writer.number(1, code);
  writer.bytes(2, message);
}

/** The message `GetTreeResponse`, with all of the encoded `directories`. */
export function encodeDirectories(directories: readonly Uint8Array[]): Uint8Array {
  return encodeWire((writer) => {
    for (const directory of directories) writer.element(1, directory);
  });
}

/** The message `ReadResponse`. */
export function encodePiece(bytes: Uint8Array): Uint8Array {
  return encodeWire((writer) => writer.bytes(10, bytes));
}

/** The messages `WriteResponse` and `QueryWriteStatusResponse`, as far as they are the same. */
export function encodeCommitted(sizeBytes: number, { isComplete = false } = {}): Uint8Array {
  return encodeWire((writer) => {
    writer.number(1, sizeBytes);
    writer.boolean(2, isComplete);
  });
}
