// Blobs of any size over google.bytestream, in pieces, taken up again where they broke off.

import { randomUUID } from "node:crypto";

import { type Digest, splitDigest } from "../digest/digest.ts";
import type { Attempts } from "./attempts.ts";
import { compressed, findZstd, type Zstd } from "./compression.ts";
import { type CallContext, callForStream, callUnary, callWithStream } from "./grpc-calls.ts";
import { Lanes } from "./lanes.ts";
import type { BlobSource } from "./remote-cache.ts";
import { asRemoteError, RemoteError } from "./remote-error.ts";
import {
  decodeReadResponse,
  decodeWriteStatus,
  encodeReadRequest,
  encodeStatusRequest,
  encodeWriteRequest,
  readName,
  type ResourceOptions,
  writeName,
} from "./stream-messages.ts";

const service = "/google.bytestream.ByteStream";

/** The most of a blob that goes in one message. */
const pieceBytes = 1024 ** 2;

const streamsAtOnce = 16;

/** Blobs that are smaller are sent as they are: a frame of zstd would save next to nothing. */
const worthCompressingBytes = 1024;

/** Reads and writes single blobs. */
export class ByteStream {
  readonly #context: CallContext;
  readonly #instance: string;
  readonly #attempts: Attempts;
  readonly #zstd = findZstd();
  /** Whether the server takes and gives frames of zstd. */
  compresses = false;

  constructor(context: CallContext, instance: string, attempts: Attempts) {
    this.#context = context;
    this.#instance = instance;
    this.#attempts = attempts;
  }

  /** See `RemoteCache.readBlob`. */
  async read(digest: Digest, take: (bytes: Uint8Array) => void): Promise<void> {
    let offset = 0;
    const counted = (bytes: Uint8Array) => {
      offset += bytes.byteLength;
      take(bytes);
    };
    const zstd = this.#zstdFor(digest);
    await this.#attempts.run(async () => {
      const name = readName(this.#resource(digest, zstd));
      const call = { path: `${service}/Read`, request: encodeReadRequest(name, offset) };
      if (zstd === undefined) await this.#pieces(call, counted);
      else await this.#decompressed(call, zstd, counted);
      const missing = splitDigest(digest).sizeBytes - offset;
      // Not `transient`: the size is part of the blob's name, so this is not that blob.
      if (missing !== 0) throw new RemoteError("missing", `Read: ${digest} has another size`);
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
      const messages = piecesOf(bytes, { name, offset });
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

  async #pieces(call: Parameters<typeof callForStream>[1], take: (bytes: Uint8Array) => void) {
    await callForStream(this.#context, call, (message) => {
      const data = decodeReadResponse(message);
      if (data === undefined) throw new RemoteError("refused", "Read: its answer is no message");
      take(data);
    });
  }

  async #decompressed(
    call: Parameters<typeof callForStream>[1],
    zstd: Zstd,
    take: (bytes: Uint8Array) => void,
  ): Promise<void> {
    const frame = zstd.decompressor();
    frame.on("data", take);
    const ended = new Promise<void>((resolve, reject) => {
      frame.once("end", resolve);
      frame.once("error", (cause) => {
        reject(new RemoteError("missing", "Read: it gives no frame of zstd", { cause }));
      });
    });
    ended.catch(() => undefined); // Heard below, unless the call itself breaks off before.
    try {
      await this.#pieces(call, (data) => void frame.write(data));
      frame.end();
      await ended;
    } finally {
      frame.destroy();
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

/**
 * `bytes` as messages; the first has the name, and the last, which some servers want to be the one
 * with the last bytes, says that it is.
 */
async function* piecesOf(
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
