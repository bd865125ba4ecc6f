// What is noted of a tree that was found to be there whole, in bytes. Knows no disk.

import { hash } from "node:crypto";

import { type Digest, emptyDigest, parseDigest, splitDigest } from "../digest/digest.ts";

/** Of a directory of blobs: another one as soon as an entry comes or goes. */
export interface ShardState {
  readonly ino: bigint;
  readonly ctimeNs: bigint;
}

/** How many directories the blobs of a CAS are in, each by the first byte of their hashes. */
export const shardCount = 256;

/** A tree all of whose blobs were there. */
export interface TreeStamp {
  /** Since 1970: none of the blobs has a use on record that is older than this. */
  readonly usedMs: number;
  /** Each shard as it was before its blobs were looked at; absent: that proves nothing of it. */
  readonly shards: readonly (ShardState | undefined)[];
  /** All blobs, see `blobTable`. */
  readonly blobs: Buffer;
}

/** `digests`, each once, as bytes in the order of their hashes. */
export function blobTable(digests: Iterable<Digest>): Buffer {
  // The empty blob always exists, and need not be there as a file.
  const distinct = [...new Set(digests)].filter((digest) => digest !== emptyDigest).sort();
  const table = Buffer.alloc(distinct.length * entryLength);
  for (const [index, digest] of distinct.entries()) {
    const at = index * entryLength;
    const parts = splitDigest(digest);
    table.write(parts.hash, at, "hex");
    table.writeUIntBE(parts.sizeBytes, at + hashLength, sizeLength);
  }
  return table;
}

/** Where in `blobs` those of each shard begin, and at last where all end. */
export function shardStarts(blobs: Buffer): readonly number[] {
  const starts: number[] = [];
  let at = 0;
  for (let shard = 0; shard < shardCount; shard++) {
    starts.push(at);
    while (at < blobs.byteLength && blobs[at] === shard) at += entryLength;
  }
  return [...starts, at];
}

/** The digests in `blobs` from `start` up to but without `end`. */
export function* digestsIn(blobs: Buffer, start: number, end: number): Generator<Digest> {
  for (let at = start; at < end; at += entryLength) {
    const size = blobs.readUIntBE(at + hashLength, sizeLength);
    const digest = parseDigest(`${blobs.toString("hex", at, at + hashLength)}/${size}`);
    if (digest === undefined) throw new Error("bug: 32 bytes and a number are a digest");
    yield digest;
  }
}

/** `stamp` as bytes that end in a checksum, as nothing is synced to the disk. */
export function encodeStamp({ usedMs, shards, blobs }: TreeStamp): Buffer {
  const head = Buffer.alloc(headLength);
  head.write(magic);
  head.writeDoubleBE(usedMs, magic.length);
  for (const [index, shard] of shards.entries()) {
    if (shard === undefined) continue;
    const at = shardsStart + index * shardLength;
    head.writeBigUInt64BE(shard.ino, at);
    head.writeBigUInt64BE(shard.ctimeNs, at + 8);
  }
  const body = Buffer.concat([head, blobs]);
  return Buffer.concat([body, checksumOf(body)]);
}

/** The stamp in `bytes`; undefined when they are damaged, or of another version. */
export function decodeStamp(bytes: Buffer): TreeStamp | undefined {
  const body = bytes.subarray(0, Math.max(0, bytes.byteLength - checksumLength));
  const blobs = body.subarray(headLength);
  if (body.byteLength < headLength || blobs.byteLength % entryLength !== 0) return undefined;
  if (body.toString("latin1", 0, magic.length) !== magic) return undefined;
  if (!checksumOf(body).equals(bytes.subarray(body.byteLength))) return undefined;
  const shards = Array.from({ length: shardCount }, (_, index) => {
    const at = shardsStart + index * shardLength;
    const [ino, ctimeNs] = [body.readBigUInt64BE(at), body.readBigUInt64BE(at + 8)];
    return ctimeNs === 0n ? undefined : { ino, ctimeNs };
  });
  return { usedMs: body.readDoubleBE(magic.length), shards, blobs };
}

/** Its last character is the version of what follows. */
const magic = "kgtree-1";
const shardsStart = magic.length + 8;
const shardLength = 16;
const headLength = shardsStart + shardCount * shardLength;
const hashLength = 32;
const sizeLength = 6;
const entryLength = hashLength + sizeLength;
const checksumLength = 16;

function checksumOf(bytes: Buffer): Buffer {
  return hash("sha256", bytes, "buffer").subarray(0, checksumLength);
}
