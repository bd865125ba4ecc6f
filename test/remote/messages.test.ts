import { expect, test } from "vitest";

import { type Digest, digestOf, splitDigest } from "../../src/digest/digest.ts";
import {
  decodeBatchRead,
  decodeBatchUpdate,
  decodeMissing,
  encodeBatchUpdate,
  encodeDigestsRequest,
} from "../../src/remote/blob-messages.ts";
import { decodeCapabilities, encodeCapabilitiesRequest } from "../../src/remote/capabilities.ts";
import { decodePack, encodePack } from "../../src/remote/pack-messages.ts";
import { encodeRequestMetadata } from "../../src/remote/request-metadata.ts";
import {
  encodeResultRequest,
  encodeUpdateRequest,
  inlinedBlobsOf,
} from "../../src/remote/result-messages.ts";
import {
  decodeReadResponse,
  decodeWriteStatus,
  encodeReadRequest,
  encodeStatusRequest,
  encodeWriteRequest,
  readName,
  writeName,
} from "../../src/remote/stream-messages.ts";
import { encodeByProto } from "./proto-schema.ts";

const digests = ["", "one", "two"].map((text) => digestOf(text));
const [none, one, two] = digests as [Digest, Digest, Digest];
const large = "0123456789abcdef".repeat(4).concat("/5000000000") as Digest;

function proto(digest: Digest) {
  const { hash, sizeBytes } = splitDigest(digest);
  return { hash, sizeBytes: BigInt(sizeBytes) };
}

const bytesOf = (text: string) => Buffer.from(text);

test.each([
  ["GetCapabilitiesRequest", encodeCapabilitiesRequest("team"), { instanceName: "team" }],
  ["GetCapabilitiesRequest", encodeCapabilitiesRequest(""), {}],
  [
    "GetActionResultRequest",
    encodeResultRequest("team", one),
    { instanceName: "team", actionDigest: proto(one), inlineStdout: true, inlineStderr: true },
  ],
  [
    "UpdateActionResultRequest",
    encodeUpdateRequest("", { key: one, result: bytesOf("result") }),
    { actionDigest: proto(one), actionResult: bytesOf("result") },
  ],
  [
    "FindMissingBlobsRequest",
    encodeDigestsRequest("team", [none, one, large]),
    { instanceName: "team", blobDigests: [none, one, large].map(proto) },
  ],
  ["BatchReadBlobsRequest", encodeDigestsRequest("", [two]), { digests: [proto(two)] }],
  [
    "BatchUpdateBlobsRequest",
    encodeBatchUpdate("team", new Map([[one, bytesOf("one")]])),
    { instanceName: "team", requests: [{ digest: proto(one), data: bytesOf("one") }] },
  ],
  [
    "PackedResults",
    encodePack(new Map([one, two].map((key) => [key, bytesOf("result")]))),
    { results: [one, two].map((key) => ({ key: proto(key), result: bytesOf("result") })) },
  ],
  [
    "ReadRequest",
    encodeReadRequest("blobs/a/1", 5_000_000_000),
    { resourceName: "blobs/a/1", readOffset: 5_000_000_000n },
  ],
  [
    "WriteRequest",
    encodeWriteRequest({ name: "n", offset: 7, isLast: true, data: bytesOf("x") }),
    { resourceName: "n", writeOffset: 7n, finishWrite: true, data: bytesOf("x") },
  ],
  ["QueryWriteStatusRequest", encodeStatusRequest("n"), { resourceName: "n" }],
  [
    "RequestMetadata",
    encodeRequestMetadata({
      toolName: "t",
      toolVersion: "1",
      actionId: "a",
      invocationId: "i",
    }),
    { toolDetails: { toolName: "t", toolVersion: "1" }, actionId: "a", toolInvocationId: "i" },
  ],
])("%s is encoded as protobuf-es encodes it", (name, ours, fields) => {
  expect(Buffer.from(ours)).toEqual(encodeByProto(name, fields));
});

test("capabilities are read as protobuf-es writes them", () => {
  const bytes = encodeByProto("ServerCapabilities", {
    cacheCapabilities: {
      digestFunctions: [1, 9],
      actionCacheUpdateCapabilities: { updateEnabled: true },
      maxBatchTotalSizeBytes: 4194304n,
      supportedCompressors: [0, 1],
      maxCasBlobSizeBytes: 77n,
    },
    lowApiVersion: { major: 2, minor: 0 },
    highApiVersion: { major: 2, minor: 3 },
  });
  expect(decodeCapabilities(bytes)).toEqual({
    lowMajor: 2,
    digestFunctions: [1, 9],
    canUpdate: true,
    maxBatchBytes: 4194304,
    maxBlobBytes: 77,
    compressors: [0, 1],
  });
  expect(decodeCapabilities(Buffer.alloc(0))).toMatchObject({ lowMajor: 0, canUpdate: false });
});

test("packs of results are read as they were written, and what is none is not", () => {
  const results = new Map([one, two].map((key) => [key, bytesOf(key)]));
  expect(decodePack(encodePack(results))).toEqual(results);
  expect(decodePack(Buffer.from("no such message"))).toBeUndefined();
});

test("repeated numbers are read whether packed or not", () => {
  const unpacked = Buffer.from([0x0a, 4, 0x08, 1, 0x08, 9]);
  const packed = Buffer.from([0x0a, 4, 0x0a, 2, 1, 9]);
  expect(decodeCapabilities(unpacked)?.digestFunctions).toEqual([1, 9]);
  expect(decodeCapabilities(packed)?.digestFunctions).toEqual([1, 9]);
});

test("answers about blobs are read as protobuf-es writes them", () => {
  const missing = encodeByProto("FindMissingBlobsResponse", {
    missingBlobDigests: [proto(one), proto(large)],
  });
  expect(decodeMissing(missing)).toEqual([one, large]);
  const status = { code: 3, message: "no" };
  const update = encodeByProto("BatchUpdateBlobsResponse", {
    responses: [{ digest: proto(one) }, { digest: proto(two), status }],
  });
  expect(decodeBatchUpdate(update)).toMatchObject([
    { digest: one, status: { code: 0, message: "" } },
    { digest: two, status },
  ]);
  const read = encodeByProto("BatchReadBlobsResponse", {
    responses: [
      { digest: proto(one), data: bytesOf("one") },
      { digest: proto(two), status, compressor: 1 },
    ],
  });
  expect(decodeBatchRead(read)?.map(({ bytes }) => bytes.toString())).toEqual(["one", ""]);
  expect(decodeBatchRead(read)?.[1]).toMatchObject({ status, compressor: 1 });
});

test("streams are read as protobuf-es writes them", () => {
  const response = encodeByProto("ReadResponse", { data: bytesOf("data") });
  expect(decodeReadResponse(response)?.toString()).toBe("data");
  const early = encodeByProto("WriteResponse", { committedSize: -1n });
  expect(decodeWriteStatus(early)).toEqual({ committedBytes: -1, isComplete: false });
  const query = encodeByProto("QueryWriteStatusResponse", { committedSize: 9n, complete: true });
  expect(decodeWriteStatus(query)).toEqual({ committedBytes: 9, isComplete: true });
});

test("what a result carries along is known by its own digest, whatever is claimed", () => {
  const result = encodeByProto("InlinedResult", {
    outputFiles: [{ path: "a", digest: proto(two), contents: bytesOf("one") }],
    stdoutRaw: bytesOf("out"),
    stderrRaw: bytesOf("err"),
  });
  const blobs = inlinedBlobsOf(result);
  expect([...blobs].map(([digest, bytes]) => [digest, Buffer.from(bytes).toString()])).toEqual([
    [one, "one"],
    [digestOf("out"), "out"],
    [digestOf("err"), "err"],
  ]);
  expect(inlinedBlobsOf(bytesOf("junk")).size).toBe(0);
});

test("junk is none of the messages", () => {
  const decoders = [
    decodeCapabilities,
    decodeMissing,
    decodeBatchRead,
    decodeBatchUpdate,
    decodeReadResponse,
    decodeWriteStatus,
  ];
  const junk = Buffer.from([0x0a, 0xff, 0x01]);
  expect(decoders.map((decode) => decode(junk))).toEqual(decoders.map(() => undefined));
});

test("blobs have the names that REAPI gives them", () => {
  const { hash } = splitDigest(one);
  expect(readName({ instance: "", digest: one, isCompressed: false })).toBe(`blobs/${hash}/3`);
  expect(readName({ instance: "a/b", digest: one, isCompressed: true })).toBe(
    `a/b/compressed-blobs/zstd/${hash}/3`,
  );
  expect(writeName("u", { instance: "a", digest: one, isCompressed: false })).toBe(
    `a/uploads/u/blobs/${hash}/3`,
  );
});
