// A REAPI cache that fails as a test wants it, and checks nothing. Its messages are protobuf-es's.

import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";

import { type Asked, damaged, type Fault, faultCounter, type FaultyServer } from "./fault.ts";
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
  const look = (kind: Asked["kind"], thing: string): Fault => {
    asked.set(kind, (asked.get(kind) ?? 0) + 1);
    const fault = decide(kind, thing);
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
    handle: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
      const fault = look(kind, call.request.toString("base64"));
      const code = codeOf(fault);
      if (fault === "silent") return;
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
  const streams = {
    read: {
      path: "/google.bytestream.ByteStream/Read",
      requestStream: false,
      responseStream: true,
      ...codec,
      handle: (call: ServerWritableStream<Buffer, Buffer>) => {
        const { resourceName, readOffset } = decodeByProto("ReadRequest", call.request);
        const hash = hashIn(String(resourceName));
        const fault = look("read", hash);
        const code = codeOf(fault);
        const found = fault === "gone" ? undefined : blobs.get(hash);
        if (fault === "silent") return;
        if (code !== undefined && fault !== "reset") call.emit("error", { code });
        else if (found === undefined) call.emit("error", { code: status.NOT_FOUND });
        else {
          const rest = damaged(found, fault).subarray(Number(readOffset));
          const shown = fault === "reset" ? rest.subarray(0, rest.length / 2) : rest;
          for (let at = 0; at < shown.length; at += 65_536) {
            const data = shown.subarray(at, at + 65_536);
            call.write(encodeByProto("ReadResponse", { data }));
          }
          if (fault === "reset") call.emit("error", { code: status.UNAVAILABLE });
          else call.end();
        }
      },
    },
    write: {
      path: "/google.bytestream.ByteStream/Write",
      requestStream: true,
      responseStream: false,
      ...codec,
      handle: (call: ServerDuplexStream<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
        let name = "";
        call.on("data", (bytes: Buffer) => {
          const { resourceName, data, writeOffset } = decodeByProto("WriteRequest", bytes);
          const isFirst = name === "";
          name = name === "" ? String(resourceName) : name;
          const before = partial.get(name) ?? Buffer.alloc(0);
          const start = Number(writeOffset);
          const grown = Buffer.concat([before.subarray(0, start), Buffer.from(data as Uint8Array)]);
          partial.set(name, grown);
          if (!isFirst) return;
          const fault = look("give", hashIn(name));
          const code = codeOf(fault);
          if (code !== undefined) reply({ code, details: "as the test wants it" });
        });
        call.on("end", () => {
          const whole = partial.get(name) ?? Buffer.alloc(0);
          blobs.set(hashIn(name), whole);
          reply(null, encodeByProto("WriteResponse", { committedSize: BigInt(whole.length) }));
        });
      },
    },
    query: unary("/google.bytestream.ByteStream/QueryWriteStatus", "other", (request) => {
      const { resourceName } = decodeByProto("QueryWriteStatusRequest", request);
      const known = partial.get(String(resourceName));
      return (
        known && encodeByProto("QueryWriteStatusResponse", { committedSize: BigInt(known.length) })
      );
    }),
  };
  const partial = new Map<string, Buffer>();
  for (const group of [methods, streams]) {
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

const codec = {
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
};

function codeOf(fault: Fault): number | undefined {
  if (fault === "unavailable" || fault === "reset") return status.UNAVAILABLE;
  if (fault === "denied") return status.PERMISSION_DENIED;
  return fault === "full" ? status.RESOURCE_EXHAUSTED : undefined;
}

function hashIn(name: string): string {
  return /[0-9a-f]{64}/.exec(name)?.[0] ?? "";
}
