// Blobs of any size by google.bytestream. An upload that broke off begins anew.

import { status } from "@grpc/grpc-js";

import { splitDigest } from "../digest/digest.ts";
import { encodeCommitted, encodePiece } from "./answers.ts";
import { refuse, throwUnlessKept } from "./cache-methods.ts";
import { CallRefusal, type Method } from "./grpc-method.ts";
import {
  blobToRead,
  blobToWrite,
  decodeReadRequest,
  decodeStatusRequest,
  decodeWriteRequest,
} from "./requests.ts";
import type { ServedCache } from "./served-cache.ts";

const service = "/google.bytestream.ByteStream";

/** The methods for single blobs of `cache`. */
export function streamMethods(cache: ServedCache): readonly Method[] {
  return [
    {
      path: `${service}/Read`,
      kind: "server-stream",
      needs: "read",
      answer: (request) => readPieces(cache, request),
    },
    {
      path: `${service}/Write`,
      kind: "client-stream",
      needs: "write",
      answer: (requests) => write(cache, requests),
    },
    {
      path: `${service}/QueryWriteStatus`,
      kind: "unary",
      needs: "write",
      answer: (request) => {
        const digest = blobToWrite(decodeStatusRequest(request) ?? refuse()) ?? refuseName();
        if (cache.missingOf([digest]).length > 0) {
          throw new CallRefusal(status.NOT_FOUND, "nothing is kept of an upload that broke off");
        }
        return encodeCommitted(splitDigest(digest).sizeBytes, { isComplete: true });
      },
    },
  ];
}

async function* readPieces(cache: ServedCache, request: Buffer): AsyncIterable<Uint8Array> {
  const { name, offset, limit } = decodeReadRequest(request) ?? refuse();
  const digest = blobToRead(name) ?? refuseName();
  const { sizeBytes } = splitDigest(digest);
  if (offset < 0 || offset > sizeBytes || limit < 0) {
    throw new CallRefusal(status.OUT_OF_RANGE, "the blob is not that long");
  }
  const length = limit === 0 ? sizeBytes - offset : limit;
  const pieces = cache.openBlob(digest, { offset, length });
  if (pieces === undefined) throw new CallRefusal(status.NOT_FOUND, "there is no such blob");
  for await (const piece of pieces) yield encodePiece(piece);
}

async function write(cache: ServedCache, requests: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const messages = requests[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done === true) refuse();
  const { name } = decodeWriteRequest(first.value) ?? refuse();
  const digest = blobToWrite(name) ?? refuseName();
  const { hash, sizeBytes } = splitDigest(digest);
  const problem = cache.problemOf(digest);
  if (problem !== undefined) throwUnlessKept(problem);
  // Whoever sends what is here already need not send it to its end.
  if (cache.missingOf([digest]).length === 0) return encodeCommitted(sizeBytes);
  const pieces = piecesOf(first.value, messages);
  throwUnlessKept(await cache.writePieces({ hash, sizeBytes }, pieces));
  return encodeCommitted(sizeBytes);
}

/** The bytes of an upload, which must come in order, and to the end. */
async function* piecesOf(first: Buffer, rest: AsyncIterator<Buffer>): AsyncIterable<Uint8Array> {
  let written = 0;
  for (let message = first; ; ) {
    const { offset, isLast, data } = decodeWriteRequest(message) ?? refuse();
    if (offset !== written) {
      throw new CallRefusal(status.INVALID_ARGUMENT, `byte ${written} should come next`);
    }
    written += data.byteLength;
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
