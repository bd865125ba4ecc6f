// Blobs of any size by google.bytestream. An upload that broke off begins anew.

import { status } from "@grpc/grpc-js";

import { type Digest, splitDigest } from "../digest/digest.ts";
import { compressed, decompressed, findZstd, type Zstd } from "../remote/compression.ts";
import { encodeCommitted, encodePiece } from "./answers.ts";
import { refuse, throwUnlessKept } from "./cache-methods.ts";
import { CallRefusal, type Method } from "./grpc-method.ts";
import {
  blobToRead,
  blobToWrite,
  decodeReadRequest,
  decodeStatusRequest,
  decodeWriteRequest,
  type NamedBlob,
} from "./requests.ts";
import type { ServedCache } from "./served-cache.ts";

const service = "/google.bytestream.ByteStream";

/** The methods for single blobs of `cache`. */
export function streamMethods(cache: ServedCache, zstd = findZstd()): readonly Method[] {
  return [
    {
      path: `${service}/Read`,
      kind: "server-stream",
      needs: "read",
      answer: (request) => readPieces(cache, request, zstd),
    },
    {
      path: `${service}/Write`,
      kind: "client-stream",
      needs: "write",
      answer: (requests) => write(cache, requests, zstd),
    },
    {
      path: `${service}/QueryWriteStatus`,
      kind: "unary",
      needs: "write",
      answer: (request) => {
        const name = decodeStatusRequest(request) ?? refuse();
        const { digest, isCompressed } = blobToWrite(name) ?? refuseName();
        // How long its frame was, nobody knows any more.
        if (isCompressed || cache.missingOf([digest]).length > 0) {
          throw new CallRefusal(status.NOT_FOUND, "nothing is kept of an upload that broke off");
        }
        return encodeCommitted(splitDigest(digest).sizeBytes, { isComplete: true });
      },
    },
  ];
}

async function* readPieces(
  cache: ServedCache,
  request: Buffer,
  zstd: Zstd | undefined,
): AsyncIterable<Uint8Array> {
  const { name, offset, limit } = decodeReadRequest(request) ?? refuse();
  const { digest, frame } = formOf(blobToRead(name) ?? refuseName(), zstd);
  const { sizeBytes } = splitDigest(digest);
  if (offset < 0 || offset > sizeBytes || limit < 0) {
    throw new CallRefusal(status.OUT_OF_RANGE, "the blob is not that long");
  }
  if (frame !== undefined && limit > 0) {
    throw new CallRefusal(status.INVALID_ARGUMENT, "a part of a frame is none");
  }
  const length = limit === 0 ? sizeBytes - offset : limit;
  const pieces = cache.openBlob(digest, { offset, length });
  if (pieces === undefined) throw new CallRefusal(status.NOT_FOUND, "there is no such blob");
  const sent = frame === undefined ? pieces : compressed(pieces, frame);
  for await (const piece of sent) yield encodePiece(piece);
}

async function write(
  cache: ServedCache,
  requests: AsyncIterable<Buffer>,
  zstd: Zstd | undefined,
): Promise<Uint8Array> {
  const messages = requests[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done === true) refuse();
  const { name } = decodeWriteRequest(first.value) ?? refuse();
  const { digest, frame } = formOf(blobToWrite(name) ?? refuseName(), zstd);
  const { hash, sizeBytes } = splitDigest(digest);
  const problem = cache.problemOf(digest);
  if (problem !== undefined) throwUnlessKept(problem);
  const isHere = cache.missingOf([digest]).length === 0;
  // Whoever sends what is here already need not send it to its end.
  if (isHere && frame === undefined) return encodeCommitted(sizeBytes);
  let sentBytes = 0;
  const pieces = piecesOf(first.value, messages, (written) => {
    sentBytes = written;
  });
  if (isHere) {
    for await (const _ of pieces); // The answer is how long the frame is.
    return encodeCommitted(sentBytes);
  }
  const bytes = frame === undefined ? pieces : blobIn(pieces, frame);
  throwUnlessKept(await cache.writePieces({ hash, sizeBytes }, bytes));
  return encodeCommitted(sentBytes);
}

/** What a name stands for, with zstd where it travels so. */
function formOf(
  { digest, isCompressed }: NamedBlob,
  zstd: Zstd | undefined,
): { readonly digest: Digest; readonly frame: Zstd | undefined } {
  if (isCompressed && zstd === undefined) refuseName();
  return { digest, frame: isCompressed ? zstd : undefined };
}

/** The blob in a frame, whoever made it. */
async function* blobIn(pieces: AsyncIterable<Uint8Array>, zstd: Zstd): AsyncIterable<Uint8Array> {
  try {
    yield* decompressed(pieces, zstd);
  } catch (error) {
    if (error instanceof CallRefusal) throw error;
    throw new CallRefusal(status.INVALID_ARGUMENT, "that is no frame of zstd");
  }
}

/** The bytes of an upload, which must come in order, and to the end. */
async function* piecesOf(
  first: Buffer,
  rest: AsyncIterator<Buffer>,
  count: (written: number) => void,
): AsyncIterable<Uint8Array> {
  let written = 0;
  for (let message = first; ; ) {
    const { offset, isLast, data } = decodeWriteRequest(message) ?? refuse();
    if (offset !== written) {
      throw new CallRefusal(status.INVALID_ARGUMENT, `byte ${written} should come next`);
    }
    written += data.byteLength;
    count(written);
    yield data;
    if (isLast) return;
    const next = await rest.next();
    if (next.done === true) {
      throw new CallRefusal(status.INVALID_ARGUMENT, "the upload ends before its last byte");
    }
    message = next.value;
  }
}

function refuseName(): never {
  throw new CallRefusal(status.INVALID_ARGUMENT, "the name stands for no blob by its SHA-256");
}
