// A remote cache behind REAPI v2 over gRPC. Checks nothing that it is given.

import { randomUUID } from "node:crypto";

import {
  type ChannelCredentials,
  Client,
  credentials as grpc,
  Metadata,
  status as codes,
} from "@grpc/grpc-js";

import type { Digest } from "../digest/digest.ts";
import type { Attempts } from "./attempts.ts";
import {
  decodeBatchRead,
  decodeBatchUpdate,
  decodeMissing,
  encodeBatchUpdate,
  encodeDigestsRequest,
} from "./blob-messages.ts";
import { ByteStream } from "./byte-stream.ts";
import {
  compressorZstd,
  decodeCapabilities,
  digestFunctionSha256,
  encodeCapabilitiesRequest,
  type ServerCapabilities,
} from "./capabilities.ts";
import { type Call, type CallContext, callUnary } from "./grpc-calls.ts";
import type { RemoteAbilities, RemoteCache, RemoteOptions } from "./remote-cache.ts";
import { RemoteError } from "./remote-error.ts";
import { systemAuthorities } from "./tls.ts";
import type { RemotePlace } from "./remote-url.ts";
import { encodeRequestMetadata, requestMetadataHeader } from "./request-metadata.ts";
import { encodeResultRequest, encodeUpdateRequest } from "./result-messages.ts";

const services = "/build.bazel.remote.execution.v2";

/** gRPC's own limit of a message, which holds where a server states none. */
const usualMessageBytes = 4 * 1024 ** 2;

/** Of a batch, for what is in a message besides blobs: for each, some 100 bytes. */
const spareBytes = 512 * 1024;

const maxBlobsOfBatch = 4000;

/** The longest answer that is taken in, whatever the server states. */
const maxAnswerBytes = 64 * 1024 ** 2;

/** How long the first answer may take: a server that is not there is to cost no more. */
const firstAnswerMs = 10_000;

/** Opens the REAPI cache at `place`. */
export function openGrpcCache(
  place: Extract<RemotePlace, { kind: "grpc" }>,
  options: RemoteOptions,
  attempts: Attempts,
): RemoteCache {
  return new GrpcCache(place, options, attempts);
}

/** A connection to `place`, for the caller to close. */
export function callContextOf(
  place: Extract<RemotePlace, { kind: "grpc" }>,
  options: RemoteOptions,
  attempts: Attempts,
): CallContext {
  return {
    client: new Client(place.target, credentialsOf(place, options), channelOptions),
    metadata: metadataMaker(options),
    timeoutMs: options.timeoutMs,
    signal: attempts.signal,
  };
}

class GrpcCache implements RemoteCache {
  readonly #instance: string;
  readonly #attempts: Attempts;
  readonly #context: CallContext;
  readonly #stream: ByteStream;
  /** False once the server said that it cannot. */
  #readsBatches = true;

  constructor(
    place: Extract<RemotePlace, { kind: "grpc" }>,
    options: RemoteOptions,
    attempts: Attempts,
  ) {
    this.#instance = options.instance;
    this.#attempts = attempts;
    this.#context = callContextOf(place, options, attempts);
    const { instance } = options;
    this.#stream = new ByteStream({ context: this.#context, instance, attempts });
  }

  readonly abilities = async (): Promise<RemoteAbilities> => {
    const path = `${services}.Capabilities/GetCapabilities`;
    const timeoutMs = Math.min(this.#context.timeoutMs, firstAnswerMs);
    const request = encodeCapabilitiesRequest(this.#instance);
    const found = await this.#attempts.run(async () =>
      decodeCapabilities(await callUnary({ ...this.#context, timeoutMs }, { path, request })),
    );
    if (found === undefined) throw noMessage(path);
    const problem = problemOf(found);
    if (problem !== undefined) throw new RemoteError("unsupported", problem);
    this.#stream.compresses = found.compressors.includes(compressorZstd);
    const stated = found.maxBatchBytes === 0 ? usualMessageBytes : found.maxBatchBytes;
    const limit = Math.min(stated, usualMessageBytes);
    return {
      canUpdate: found.canUpdate,
      batch: { totalBytes: limit - Math.min(spareBytes, limit / 2), blobs: maxBlobsOfBatch },
      asksMany: true,
      maxBlobBytes: found.maxBlobBytes === 0 ? Infinity : found.maxBlobBytes,
    };
  };

  readonly readResult = async (key: Digest): Promise<Uint8Array | undefined> => {
    const request = encodeResultRequest(this.#instance, key);
    try {
      return await this.#unary("ActionCache/GetActionResult", request);
    } catch (error) {
      if (error instanceof RemoteError && error.kind === "missing") return undefined;
      throw error;
    }
  };

  readonly writeResult = async (key: Digest, result: Uint8Array): Promise<void> => {
    const request = encodeUpdateRequest(this.#instance, { key, result });
    await this.#unary("ActionCache/UpdateActionResult", request, { gives: true });
  };

  readonly findMissing = async (digests: readonly Digest[]): Promise<readonly Digest[]> => {
    const method = "ContentAddressableStorage/FindMissingBlobs";
    const missing: Digest[] = [];
    for (let start = 0; start < digests.length; start += maxBlobsOfBatch) {
      const some = digests.slice(start, start + maxBlobsOfBatch);
      const answer = await this.#unary(method, encodeDigestsRequest(this.#instance, some));
      missing.push(...(decodeMissing(answer) ?? throwNoMessage(method)));
    }
    return missing;
  };

  readonly readBatch = async (digests: readonly Digest[]) => {
    const method = "ContentAddressableStorage/BatchReadBlobs";
    const answer = this.#readsBatches && (await this.#unaryIfAny(method, digests));
    if (!answer) {
      this.#readsBatches = false;
      return this.#stream.readAll(digests);
    }
    const answers = decodeBatchRead(answer) ?? throwNoMessage(method);
    const found = new Map<Digest, Uint8Array>();
    for (const [i, { digest = digests[i], bytes, status, compressor }] of answers.entries()) {
      // No compressor was named as acceptable, so another one is a server's mistake.
      if (digest !== undefined && status.code === 0 && compressor === 0) found.set(digest, bytes);
    }
    return found;
  };

  readonly writeBatch = async (blobs: ReadonlyMap<Digest, Uint8Array>) => {
    const method = "ContentAddressableStorage/BatchUpdateBlobs";
    const request = encodeBatchUpdate(this.#instance, blobs);
    const answer = await this.#unary(method, request, { gives: true });
    const answers = decodeBatchUpdate(answer) ?? throwNoMessage(method);
    const full = answers.find(({ status: { code } }) => code === codes.RESOURCE_EXHAUSTED);
    if (full !== undefined) throw new RemoteError("full", `${method}: ${full.status.message}`);
    const digests = [...blobs.keys()];
    const stored = new Set(
      answers.flatMap(({ digest, status }, i) => (status.code === 0 ? [digest ?? digests[i]] : [])),
    );
    return digests.filter((digest) => !stored.has(digest));
  };

  readonly readBlob: RemoteCache["readBlob"] = (digest, take) => this.#stream.read(digest, take);
  readonly writeBlob: RemoteCache["writeBlob"] = (digest, source) =>
    this.#stream.write(digest, source);

  readonly close = (): void => this.#context.client.close();

  /** Undefined where the server has no such method. */
  async #unaryIfAny(method: string, digests: readonly Digest[]): Promise<Buffer | undefined> {
    try {
      return await this.#unary(method, encodeDigestsRequest(this.#instance, digests));
    } catch (error) {
      if (error instanceof RemoteError && error.kind === "unsupported") return undefined;
      throw error;
    }
  }

  #unary(method: string, request: Uint8Array, about: Pick<Call, "gives"> = {}): Promise<Buffer> {
    const path = `${services}.${method}`;
    return this.#attempts.run(() => callUnary(this.#context, { path, request, ...about }));
  }
}

/** Why a server with these capabilities cannot be used; undefined when it can. */
function problemOf({ lowMajor, digestFunctions }: ServerCapabilities): string | undefined {
  if (lowMajor > 2) return `it speaks version ${lowMajor} of the API, and none before`;
  if (digestFunctions.length > 0 && !digestFunctions.includes(digestFunctionSha256)) {
    return "it does not know blobs by their SHA-256";
  }
  return undefined;
}

function credentialsOf(
  { isSecure }: Extract<RemotePlace, { kind: "grpc" }>,
  { tls: { authorities, certificate, key } }: RemoteOptions,
): ChannelCredentials {
  if (!isSecure) return grpc.createInsecure();
  const bytes = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
  return grpc.createSsl(bytes(systemAuthorities(authorities)), bytes(key), bytes(certificate));
}

const channelOptions = {
  "grpc.max_receive_message_length": maxAnswerBytes,
  "grpc.max_send_message_length": maxAnswerBytes,
  "grpc.keepalive_time_ms": 30_000,
  // We try again ourselves, and count it.
  "grpc.enable_retries": 0,
  // With HTTP/2's 64 KiB, a blob would wait for the other side after each of its pieces.
  "grpc-node.flow_control_window": 4 * 1024 ** 2,
};

function metadataMaker({ headers, toolVersion }: RemoteOptions): () => Promise<Metadata> {
  const invocationId = randomUUID();
  const about = encodeRequestMetadata({
    toolName: "kraft-graph",
    toolVersion,
    actionId: "",
    invocationId,
  });
  return async () => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(await headers())) {
      metadata.set(name.toLowerCase(), value);
    }
    metadata.set(requestMetadataHeader, Buffer.from(about));
    return metadata;
  };
}

function noMessage(method: string): RemoteError {
  return new RemoteError("refused", `${method}: its answer is not the message that it should be`);
}

function throwNoMessage(method: string): never {
  throw noMessage(method);
}
