import { beforeAll, describe, expect, test } from "vitest";

import { encodeDirectory } from "../../src/action/reapi-directory.ts";
import { encodeActionResult } from "../../src/action/reapi-result.ts";
import type { ActionResult } from "../../src/action/result.ts";
import { type Digest, digestOf, emptyDigest, splitDigest } from "../../src/digest/digest.ts";
import { accessByTokens } from "../../src/serve/access.ts";
import { cacheConformance, fresh, piecesOf } from "../remote/cache-conformance.ts";
import { decodeByProto, encodeByProto } from "../remote/proto-schema.ts";
import { grpcCall } from "./grpc-call.ts";
import { connect, type Serving, serving, startServing } from "./serving.ts";

describe("a served cache is one as any other", () => {
  let server: Serving | undefined;
  beforeAll(async () => {
    const started = await startServing();
    server = started;
    return started.stop;
  });
  describe("over gRPC", () => cacheConformance(() => connect(server?.grpc ?? "")));
  describe("over HTTP", () => cacheConformance(() => connect(server?.http ?? "")));
  describe("over HTTP, below any path", () =>
    cacheConformance(() => connect(`${server?.http}/some/where`)));
});

describe.each(["grpc", "http"] as const)("over %s", (protocol) => {
  test("a blob that is not what its digest says is not kept", async () => {
    const server = await serving();
    const cache = await connect(server[protocol]);
    const digest = digestOf("right");
    expect(await cache.writeBatch(new Map([[digest, Buffer.from("wrong")]]))).toEqual([digest]);
    const whole = Buffer.alloc(700_000, "x");
    const wrong = digestOf(whole);
    const other = Buffer.alloc(700_000, "y");
    await expect(
      cache.writeBlob(wrong, (offset) => piecesOf(other.subarray(offset))),
    ).rejects.toThrow(/not what the digest says|400/);
    expect(await cache.findMissing([digest, wrong])).toEqual([digest, wrong]);
  });

  test("what is no result is not kept, nor one that failed, nor one that lacks a blob", async () => {
    const server = await serving();
    const cache = await connect(server[protocol]);
    const key = digestOf("key");
    const lacking = resultOf({ outputs: new Map([["out", fileNode(digestOf("absent"))]]) });
    for (const bytes of [Buffer.from("no message"), resultOf({ exitCode: 1 }), lacking]) {
      await expect(cache.writeResult(key, bytes)).rejects.toMatchObject({ kind: "refused" });
    }
    expect(await cache.readResult(key)).toBeUndefined();
    await cache.writeResult(key, resultOf({}));
    expect(await cache.readResult(key)).toEqual(Buffer.from(resultOf({})));
  });

  test("a result whose blob went away is none any more", async () => {
    const server = await serving();
    const cache = await connect(server[protocol]);
    const key = digestOf("key");
    const blob = Buffer.from("a blob");
    await cache.writeBatch(new Map([[digestOf(blob), blob]]));
    await cache.writeResult(
      key,
      resultOf({ outputs: new Map([["out", fileNode(digestOf(blob))]]) }),
    );
    expect(await cache.readResult(key)).toBeDefined();
    server.store.empty();
    expect(await cache.readResult(key)).toBeUndefined();
  });

  test("tokens say who may read, and who may write", async () => {
    const access = accessByTokens("# of the team\nread r3ad\nwrite wr1te\n", false);
    const server = await serving({ access });
    const as = (token: string) => connect(server[protocol], { authorization: `Bearer ${token}` });
    const blob = fresh("secret");
    const blobs = new Map([[digestOf(blob), blob]]);
    const denied = { kind: "denied" };
    const nobody = await connect(server[protocol]);
    await expect(nobody.readResult(digestOf("x"))).rejects.toMatchObject(denied);
    await expect((await as("guessed")).readBatch([digestOf(blob)])).rejects.toMatchObject(denied);
    const reader = await as("r3ad");
    expect(await reader.readResult(digestOf("x"))).toBeUndefined();
    await expect(reader.writeBatch(blobs)).rejects.toMatchObject(denied);
    const writer = await as("wr1te");
    expect(await writer.writeBatch(blobs)).toEqual([]);
    expect(await reader.readBatch([digestOf(blob)])).toEqual(blobs);
  });

  test("it holds no more than it may, and what was used last stays", async () => {
    let nowMs = Date.now();
    const server = await serving({ maxSizeBytes: 1_000_000, epochMs: () => nowMs });
    const cache = await connect(server[protocol]);
    const blobs = Array.from({ length: 40 }, (_, i) => Buffer.alloc(65_536, `blob ${i} `));
    for (const blob of blobs) {
      nowMs += 7_200_000 / 40;
      await cache.writeBatch(new Map([[digestOf(blob), blob]]));
    }
    const missing = await cache.findMissing(blobs.map((blob) => digestOf(blob)));
    expect(missing.length).toBeGreaterThan(20);
    expect(missing).not.toContain(digestOf(blobs.at(-1) ?? ""));
    const tooLarge = Buffer.alloc(1_000_001, "z");
    await expect(
      cache.writeBlob(digestOf(tooLarge), (offset) => piecesOf(tooLarge.subarray(offset))),
    ).rejects.toThrow();
    expect(await cache.findMissing([digestOf(tooLarge)])).toEqual([digestOf(tooLarge)]);
  });
});

test("a server says how it does, for people and for Prometheus", async () => {
  const server = await serving();
  const cache = await connect(server.grpc);
  const blob = Buffer.from("a blob");
  await cache.writeBatch(new Map([[digestOf(blob), blob]]));
  await cache.readBatch([digestOf(blob)]);
  await cache.readResult(digestOf("absent"));
  const status = await (await fetch(`${server.http}/status`)).json();
  expect(status).toMatchObject({
    version: "1.2.3",
    readOnly: false,
    maxSizeBytes: 1024 ** 3,
    cas: { hits: 1, misses: 0, writes: 1 },
    actionCache: { hits: 0, misses: 1, writes: 0 },
    receivedBytes: 6,
    sentBytes: 6,
  });
  const metrics = await (await fetch(`${server.http}/metrics`)).text();
  expect(metrics).toContain('kraft_cache_events_total{part="cas",event="hits"} 1\n');
  expect(metrics).toContain(
    'kraft_cache_requests_total{method="GetActionResult",status="NOT_FOUND"} 1\n',
  );
  for (const line of metrics.trimEnd().split("\n")) {
    expect(line).toMatch(/^# (HELP|TYPE) \w+ .+|^\w+(\{(\w+="[^"]*",?)+\})? (\d[\d.e+]*|NaN)$/);
  }
});

test("other paths and methods of HTTP are told what there is", async () => {
  const { http } = await serving();
  const codeOf = async (path: string, init?: RequestInit) =>
    (await fetch(`${http}${path}`, init)).status;
  expect(await codeOf("/")).toBe(404);
  expect(await codeOf(`/cas/${"0".repeat(63)}`)).toBe(404);
  expect(await codeOf(`/cas/${"0".repeat(64)}`, { method: "DELETE" })).toBe(405);
  const { hash } = splitDigest(digestOf("abc"));
  expect(await codeOf(`/cas/${hash}`, { method: "PUT", body: "abc" })).toBe(200);
  const part = await fetch(`${http}/cas/${hash}`, { headers: { range: "bytes=1-" } });
  expect([part.status, await part.text()]).toEqual([206, "bc"]);
  const head = await fetch(`${http}/cas/${hash}`, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe("3");
});

test("GetTree gives each directory below a root once", async () => {
  const { grpc } = await serving();
  const cache = await connect(grpc);
  const leaf = encodeDirectory({ files: [], directories: [], symlinks: [] });
  const below = { name: "a", digest: digestOf(leaf) };
  const root = encodeDirectory({
    files: [],
    directories: [below, { ...below, name: "b" }],
    symlinks: [{ name: "c", target: "a" }],
  });
  await cache.writeBatch(new Map([root].map((bytes) => [digestOf(bytes), bytes])));
  const answers = await grpcCall(grpc, {
    path: "/build.bazel.remote.execution.v2.ContentAddressableStorage/GetTree",
    request: encodeByProto("GetTreeRequest", { rootDigest: proto(digestOf(root)) }),
  });
  const directories = answers.flatMap(
    (bytes) => decodeByProto("GetTreeResponse", bytes)["directories"] as Uint8Array[],
  );
  expect(directories.map((bytes) => Buffer.from(bytes))).toEqual(
    [root, leaf].map((bytes) => Buffer.from(bytes)),
  );
});

test("an upload whose pieces leave a gap, or that ends early, is refused", async () => {
  const { grpc } = await serving();
  const bytes = Buffer.from("0123456789");
  const name = `uploads/1/blobs/${digestOf(bytes)}`;
  const path = "/google.bytestream.ByteStream/Write";
  const piece = (fields: object) => encodeByProto("WriteRequest", { ...fields });
  const first = piece({ resourceName: name, data: bytes.subarray(0, 5) });
  const gap = piece({ writeOffset: 6n, data: bytes.subarray(6), finishWrite: true });
  const last = piece({ writeOffset: 5n, data: bytes.subarray(5), finishWrite: true });
  await expect(grpcCall(grpc, { path, requests: [first, gap] })).rejects.toThrow(/byte 5/);
  await expect(grpcCall(grpc, { path, requests: [first] })).rejects.toThrow(/before its last/);
  const [answer = Buffer.alloc(0)] = await grpcCall(grpc, { path, requests: [first, last] });
  expect(decodeByProto("WriteResponse", answer)).toMatchObject({ committedSize: 10n });
});

test.each([
  ["", "it names no token"],
  ["read\n", 'line 1 is neither "read TOKEN" nor "write TOKEN"'],
  ["write a\nadmin b\n", 'line 2 is neither "read TOKEN" nor "write TOKEN"'],
])("a token file %j is refused", (text, problem) => {
  expect(() => accessByTokens(text, false)).toThrow(problem);
});

test("a password counts as a token, and nobody writes to what is only read", () => {
  const basic = `Basic ${Buffer.from("anybody:wr1te").toString("base64")}`;
  expect(accessByTokens("write wr1te", false).rightOf(basic)).toBe("write");
  expect(accessByTokens("write wr1te", false).rightOf(undefined)).toBe("read");
  expect(accessByTokens("write wr1te", false).rightOf("Bearer other")).toBe("none");
  expect(accessByTokens("write wr1te", true).rightOf(basic)).toBe("read");
});

function resultOf(parts: Partial<ActionResult>): Uint8Array {
  const nothing = { stdout: emptyDigest, stderr: emptyDigest, wallMs: 0 };
  return encodeActionResult({ exitCode: 0, outputs: new Map(), ...nothing, ...parts });
}

function fileNode(digest: Digest) {
  return { kind: "file", digest, executable: false } as const;
}

function proto(digest: Digest) {
  const { hash, sizeBytes } = splitDigest(digest);
  return { hash, sizeBytes: BigInt(sizeBytes) };
}
