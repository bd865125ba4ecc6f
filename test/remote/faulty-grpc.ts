// A REAPI cache that fails as a test wants it, and checks nothing. Its messages are protobuf-es's.

import { setTimeout } from "node:timers/promises";

import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";

import {
  type Asked,
  damaged,
  type Fault,
  faultCounter,
  type FaultyServer,
  lateMs,
} from "./fault.ts";
import { codec, codeOf, faultyStreams } from "./faulty-streams.ts";
import { decodeByProto, encodeByProto } from "./proto-schema.ts";

interface ProtoDigest {
  readonly hash: string;
  readonly sizeBytes: bigint;
}

const reapi = "/build.bazel.remote.execution.v2";
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** How a server of a test differs from a usual one. */
export interface FaultyOptions {
  /** 0: a free one. */
  readonly port?: number;
  /** What it keeps from the beginning. */
  readonly kept?: Pick<FaultyServer, "results" | "blobs">;
  readonly capabilities?: Readonly<Record<string, unknown>>;
}

/** Starts one on the loopback. */
export async function startFaultyGrpc(options: FaultyOptions = {}): Promise<FaultyServer> {
  const { results, blobs } = options.kept ?? { results: new Map(), blobs: new Map() };
  const asked = new Map<string, number>();
  const decide = faultCounter(() => self.faults);
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const look = (kind: Asked["kind"], thing: string, offset = 0): Fault => {
    for (const name of offset > 0 ? [kind, "resumed"] : [kind]) {
      asked.set(name, (asked.get(name) ?? 0) + 1);
    }
    const fault = decide(kind, thing, offset);
    // What runs may end; new calls go to another connection.
    if (fault === "goaway") server.drain(`127.0.0.1:${port}`, 1000);
    return fault;
  };
  const unary = (
    path: string,
    kind: Asked["kind"],
    answer: (request: Buffer, fault: Fault) => Buffer | undefined,
  ) => ({
    path,
    requestStream: false,
    responseStream: false,
    ...codec,
    handle: async (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
      const fault = look(kind, call.request.toString("base64"));
      const code = codeOf(fault);
      if (fault === "silent" || fault === "stalled") return;
      if (fault === "late") await setTimeout(lateMs);
      if (code !== undefined) reply({ code, details: "as the test wants it" });
      else {
        const found = fault === "gone" ? undefined : answer(call.request, fault);
        if (found === undefined) reply({ code: status.NOT_FOUND, details: "no such thing" });
        else reply(null, found);
      }
    },
  });
  const methods = {
    capabilities: unary(`${reapi}.Capabilities/GetCapabilities`, "abilities", () =>
      encodeByProto("ServerCapabilities", {
        cacheCapabilities: {
          digestFunctions: [1],
          actionCacheUpdateCapabilities: { updateEnabled: true },
          ...options.capabilities,
        },
        lowApiVersion: { major: 2 },
        highApiVersion: { major: 2, minor: 3 },
      }),
    ),
    getResult: unary(`${reapi}.ActionCache/GetActionResult`, "result", (request, fault) => {
      const { actionDigest } = decodeByProto("GetActionResultRequest", request);
      const found = results.get((actionDigest as ProtoDigest).hash);
      return found && damaged(found, fault);
    }),
    giveResult: unary(`${reapi}.ActionCache/UpdateActionResult`, "give-result", (request) => {
      const message = decodeByProto("UpdateActionResultRequest", request);
      const result = Buffer.from(message["actionResult"] as Uint8Array);
      results.set((message["actionDigest"] as ProtoDigest).hash, result);
      return result;
    }),
    missing: unary(
      `${reapi}.ContentAddressableStorage/FindMissingBlobs`,
      "missing",
      (request, fault) => {
        const { blobDigests } = decodeByProto("FindMissingBlobsRequest", request);
        const missing = (blobDigests as ProtoDigest[]).filter(({ hash }) => !blobs.has(hash));
        return encodeByProto("FindMissingBlobsResponse", {
          missingBlobDigests: fault === "boasting" ? [] : missing,
        });
      },
    ),
    give: unary(`${reapi}.ContentAddressableStorage/BatchUpdateBlobs`, "give", (request, fault) => {
      const { requests } = decodeByProto("BatchUpdateBlobsRequest", request);
      const all = requests as { digest: ProtoDigest; data: Uint8Array }[];
      const full = { status: { code: status.RESOURCE_EXHAUSTED, message: "no room" } };
      const isFull = fault === "crowded";
      if (!isFull) for (const { digest, data } of all) blobs.set(digest.hash, Buffer.from(data));
      const responses = all.map(({ digest }) => ({ digest, ...(isFull && full) }));
      return encodeByProto("BatchUpdateBlobsResponse", { responses });
    }),
    read: unary(`${reapi}.ContentAddressableStorage/BatchReadBlobs`, "read", (request, fault) => {
      const { digests } = decodeByProto("BatchReadBlobsRequest", request);
      const responses = (digests as ProtoDigest[]).map((digest) => {
        const found = digest.hash === emptyHash ? Buffer.alloc(0) : blobs.get(digest.hash);
        if (found === undefined) return { digest, status: { code: status.NOT_FOUND } };
        return { digest, data: damaged(found, fault) };
      });
      return encodeByProto("BatchReadBlobsResponse", { responses });
    }),
  };
  const streams = faultyStreams({
    blobs,
    look: (kind, hash, offset) => look(kind, hash, offset),
    cut: () => server.drain(`127.0.0.1:${port}`, 0),
  });
  const query = unary("/google.bytestream.ByteStream/QueryWriteStatus", "other", (request) => {
    const { resourceName } = decodeByProto("QueryWriteStatusRequest", request);
    const known = streams.committedBytes(String(resourceName));
    if (known === undefined) return undefined;
    return encodeByProto("QueryWriteStatusResponse", { committedSize: BigInt(known) });
  });
  for (const group of [methods, { ...streams.methods, query }]) {
    const entries = Object.entries(group);
    const definition = Object.fromEntries(
      entries.map(([name, { path, requestStream, responseStream }]) => [
        name,
        { path, requestStream, responseStream, ...codec },
      ]),
    );
    const handlers = Object.fromEntries(entries.map(([name, { handle }]) => [name, handle]));
    server.addService(definition, handlers as never);
  }
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = ServerCredentials.createInsecure();
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const self: FaultyServer = {
    address: `grpc://127.0.0.1:${port}`,
    results,
    blobs,
    asked,
    faults: () => undefined,
    stop: async () => server.forceShutdown(),
  };
  return self;
}
