// Blobs of any size over google.bytestream, in pieces, taken up again where they broke off.

import { randomUUID } from "node:crypto";

import { type Digest, splitDigest } from "../digest/digest.ts";
import type { Attempts } from "./attempts.ts";
import { compressed, decompressed, findZstd, type Zstd } from "./compression.ts";
import { answersTo, type Call, type CallContext, callUnary, callWithStream } from "./grpc-calls.ts";
import { Lanes } from "./lanes.ts";
import type { BlobSource } from "./remote-cache.ts";
import { asRemoteError, RemoteError } from "./remote-error.ts";
import {
  decodeReadResponse,
  decodeWriteStatus,
  encodeReadRequest,
  encodeStatusRequest,
  readName,
  type ResourceOptions,
  writeName,
  writeRequestsOf,
} from "./stream-messages.ts";

const service = "/google.bytestream.ByteStream";

const streamsAtOnce = 16;

/** Blobs that are smaller are sent as they are: a frame of zstd would save next to nothing. */
const worthCompressingBytes = 1024;

/** What it is put together from. */
export interface ByteStreamParts {
  readonly context: CallContext;
  readonly instance: string;
  readonly attempts: Attempts;
  /** Absent: what this Node has. */
  readonly zstd?: Zstd;
}

/** Reads and writes single blobs. */
export class ByteStream {
  readonly #context: CallContext;
  readonly #instance: string;
  readonly #attempts: Attempts;
  readonly #zstd: Zstd | undefined;
  /** Whether the server takes and gives frames of zstd. */
  compresses = false;

  constructor({ context, instance, attempts, zstd = findZstd() }: ByteStreamParts) {
    this.#context = context;
    this.#instance = instance;
    this.#attempts = attempts;
    this.#zstd = zstd;
  }

  /** See `RemoteCache.readBlob`. */
  async read(digest: Digest, take: (bytes: Uint8Array) => void): Promise<void> {
    const { sizeBytes } = splitDigest(digest);
    // Not `transient`: the size is part of the blob's name, so this is not that blob.
    const wrongSize = () => new RemoteError("missing", `Read: ${digest} has another size`);
    let offset = 0;
    const counted = (bytes: Uint8Array) => {
      offset += bytes.byteLength;
      // What comes may have no end, and a small frame may stand for any number of bytes.
      if (offset > sizeBytes) throw wrongSize();
      take(bytes);
    };
    const zstd = this.#zstdFor(digest);
    await this.#attempts.run(async () => {
      const name = readName(this.#resource(digest, zstd));
      const call = { path: `${service}/Read`, request: encodeReadRequest(name, offset) };
      if (zstd === undefined) await this.#pieces(call, counted);
      else await this.#decompressed(call, zstd, counted);
      if (offset < sizeBytes) throw wrongSize();
    });
  }

  /** See `RemoteCache.readBatch`, for servers that know no batches. */
  async readAll(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, Uint8Array>> {
    const found = new Map<Digest, Uint8Array>();
    const readOne = async (digest: Digest) => {
      const pieces: Uint8Array[] = [];
      try {
        await this.read(digest, (bytes) => void pieces.push(bytes));
        found.set(digest, Buffer.concat(pieces));
      } catch (error) {
        if (asRemoteError(error).kind !== "missing") throw error;
      }
    };
    const lanes = new Lanes(streamsAtOnce);
    await Promise.all(digests.map((digest) => lanes.run(() => readOne(digest))));
    return found;
  }

  /** See `RemoteCache.writeBlob`. */
  async write(digest: Digest, source: BlobSource): Promise<void> {
    const zstd = this.#zstdFor(digest);
    const uuid = randomUUID();
    const name = writeName(uuid, this.#resource(digest, zstd));
    await this.#attempts.run(async (earlier) => {
      // Offsets of a frame that is made anew each time would mean nothing.
      const offset = earlier === 0 || zstd !== undefined ? 0 : await this.#committed(name);
      if (offset === "complete") return;
      const bytes = zstd === undefined ? source(offset) : compressed(source(0), zstd);
      const messages = writeRequestsOf(bytes, { name, offset });
      const answer = await callWithStream(this.#context, `${service}/Write`, messages);
      const status = decodeWriteStatus(answer);
      const { sizeBytes } = splitDigest(digest);
      const isWhole = zstd !== undefined || status?.committedBytes === sizeBytes;
      if (!isWhole) throw new RemoteError("transient", `Write: ${digest} was not taken whole`);
    });
  }

  #zstdFor(digest: Digest): Zstd | undefined {
    const isWorthIt = splitDigest(digest).sizeBytes >= worthCompressingBytes;
    return this.compresses && isWorthIt ? this.#zstd : undefined;
  }

  #resource(digest: Digest, zstd: Zstd | undefined): ResourceOptions {
    return { instance: this.#instance, digest, isCompressed: zstd !== undefined };
  }

  async #pieces(call: Call, take: (bytes: Uint8Array) => void) {
    for await (const data of piecesIn(answersTo(this.#context, call))) take(data);
  }

  async #decompressed(call: Call, zstd: Zstd, take: (bytes: Uint8Array) => void): Promise<void> {
    // The call may wait for a message when nobody wants one any more.
    const unwanted = new AbortController();
    const signal = AbortSignal.any([this.#context.signal, unwanted.signal]);
    try {
      const answers = piecesIn(answersTo({ ...this.#context, signal }, call));
      for await (const bytes of unframed(answers, zstd)) take(bytes);
    } finally {
      unwanted.abort();
    }
  }

  /** How much of the upload `name` the server has; 0 when it does not know. */
  async #committed(name: string): Promise<number | "complete"> {
    try {
      const path = `${service}/QueryWriteStatus`;
      const answer = await callUnary(this.#context, { path, request: encodeStatusRequest(name) });
      const status = decodeWriteStatus(answer);
      return status?.isComplete === true ? "complete" : Math.max(0, status?.committedBytes ?? 0);
    } catch (error) {
      if (!(error instanceof RemoteError) || error.kind === "off") throw error;
      return 0;
    }
  }
}

/** The bytes in the messages of an answer. */
async function* piecesIn(messages: AsyncIterable<Buffer>): AsyncIterable<Uint8Array> {
  for await (const message of messages) {
    const data = decodeReadResponse(message);
    if (data === undefined) throw new RemoteError("refused", "Read: its answer is no message");
    yield data;
  }
}

/** What the frame `bytes` stands for. */
async function* unframed(bytes: AsyncIterable<Uint8Array>, zstd: Zstd): AsyncIterable<Uint8Array> {
  try {
    yield* decompressed(bytes, zstd);
  } catch (cause) {
    if (cause instanceof RemoteError) throw cause;
    throw new RemoteError("missing", "Read: it gives no frame of zstd", { cause });
  }
}
