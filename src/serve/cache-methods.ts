// A served cache as REAPI has it: Capabilities, ActionCache, ContentAddressableStorage.

import { status } from "@grpc/grpc-js";

import { decodeDirectory } from "../action/reapi-directory.ts";
import { type Digest, splitDigest } from "../digest/digest.ts";
import { findZstd } from "../remote/compression.ts";
import {
  type BlobOutcome,
  encodeBlobs,
  encodeCapabilities,
  encodeDirectories,
  encodeMissing,
  encodeUpdated,
} from "./answers.ts";
import { CallRefusal, type Method } from "./grpc-method.ts";
import {
  decodeDigestsRequest,
  decodeResultRequest,
  decodeResultUpdate,
  decodeTreeRequest,
  decodeUpdateRequest,
  type GivenBlob,
} from "./requests.ts";
import type { ServedCache, Taken } from "./served-cache.ts";

const services = "/build.bazel.remote.execution.v2";

/** gRPC's own limit of a message, which clients keep where they are not told otherwise. */
const maxBatchBytes = 4 * 1024 ** 2;

/** The most directories in one message of a tree. */
const directoriesAtOnce = 1000;

/** What is so whoever asks. */
const own = { maxBatchBytes, compresses: findZstd() !== undefined };

/** The methods of `cache`, which holds blobs of up to `maxBlobBytes`. */
export function cacheMethods(cache: ServedCache, maxBlobBytes: number): readonly Method[] {
  return [
    {
      path: `${services}.Capabilities/GetCapabilities`,
      kind: "unary",
      needs: "read",
      answer: (_, { right }) =>
        encodeCapabilities({ ...own, canUpdate: right === "write", maxBlobBytes }),
    },
    {
      path: `${services}.ActionCache/GetActionResult`,
      kind: "unary",
      needs: "read",
      answer: (request) => {
        const result = cache.readResult(decodeResultRequest(request) ?? refuse());
        if (result === undefined) throw new CallRefusal(status.NOT_FOUND, "there is no result");
        return result;
      },
    },
    {
      path: `${services}.ActionCache/UpdateActionResult`,
      kind: "unary",
      needs: "write",
      answer: (request) => {
        const { key, result } = decodeResultUpdate(request) ?? refuse();
        throwUnlessKept(cache.writeResult(key, result));
        return result;
      },
    },
    {
      path: `${services}.ContentAddressableStorage/FindMissingBlobs`,
      kind: "unary",
      needs: "read",
      answer: (request) =>
        encodeMissing(cache.missingOf(decodeDigestsRequest(request) ?? refuse())),
    },
    {
      path: `${services}.ContentAddressableStorage/BatchUpdateBlobs`,
      kind: "unary",
      needs: "write",
      answer: (request) => {
        const blobs = decodeUpdateRequest(request) ?? refuse();
        return encodeUpdated(blobs.map((blob) => take(cache, blob)));
      },
    },
    {
      path: `${services}.ContentAddressableStorage/BatchReadBlobs`,
      kind: "unary",
      needs: "read",
      answer: (request) => encodeBlobs(read(cache, decodeDigestsRequest(request) ?? refuse())),
    },
    {
      path: `${services}.ContentAddressableStorage/GetTree`,
      kind: "server-stream",
      needs: "read",
      answer: (request) => treeOf(cache, decodeTreeRequest(request) ?? refuse()),
    },
  ];
}

/** Throws what gRPC says of what was not kept. */
export function throwUnlessKept(taken: Taken): void {
  if (taken.kind !== "kept") throw new CallRefusal(codeOf(taken), taken.reason);
}

/** The refusal of a message that is none. */
export function refuse(): never {
  throw new CallRefusal(status.INVALID_ARGUMENT, "the request is not the message it should be");
}

function codeOf({ kind }: Taken): number {
  switch (kind) {
    case "kept":
      return status.OK;
    case "wrong":
      return status.INVALID_ARGUMENT;
    case "incomplete":
      return status.FAILED_PRECONDITION;
    case "too-large":
      return status.RESOURCE_EXHAUSTED;
  }
}

function take(cache: ServedCache, { digest, bytes, compressor }: GivenBlob): BlobOutcome {
  const taken: Taken =
    compressor === 0
      ? cache.writeBlob(digest, bytes)
      : { kind: "wrong", reason: "it is compressed, which was not offered" };
  const message = taken.kind === "kept" ? "" : taken.reason;
  return { digest, code: codeOf(taken), message };
}

function read(cache: ServedCache, digests: readonly Digest[]): BlobOutcome[] {
  const total = digests.reduce((sum, digest) => sum + splitDigest(digest).sizeBytes, 0);
  if (total > maxBatchBytes) {
    throw new CallRefusal(status.INVALID_ARGUMENT, `a batch has at most ${maxBatchBytes} bytes`);
  }
  return digests.map((digest) => {
    const bytes = cache.readBlob(digest);
    if (bytes === undefined) {
      return { digest, code: status.NOT_FOUND, message: "there is no such blob" };
    }
    return { digest, bytes, code: status.OK, message: "" };
  });
}

/** The encoded directories below `root`, each once, and before those in it. */
async function* treeOf(cache: ServedCache, root: Digest): AsyncIterable<Uint8Array> {
  const seen = new Set([root]);
  let page: Uint8Array[] = [];
  for (const digest of seen) {
    const bytes = cache.readBlob(digest);
    const directory = bytes === undefined ? undefined : decodeDirectory(bytes);
    if (bytes === undefined || directory === undefined) {
      throw new CallRefusal(status.NOT_FOUND, `there is no directory ${digest}`);
    }
    page.push(bytes);
    for (const below of directory.directories) seen.add(below.digest);
    if (page.length === directoriesAtOnce) {
      yield encodeDirectories(page);
      page = [];
    }
  }
  if (page.length > 0) yield encodeDirectories(page);
}
