// A server that executes nothing, and says of each action what a test wants. Knows no test.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";

import { readDigest, writeDigest } from "../../src/action/reapi-digest.ts";
import { decodeWire } from "../../src/action/wire-reader.ts";
import { encodeWire, type WireWriter } from "../../src/action/wire-writer.ts";
import type { Digest } from "../../src/digest/digest.ts";
import { openAccess } from "../../src/serve/access.ts";
import { cacheMethods } from "../../src/serve/cache-methods.ts";
import { addMethods, CallRefusal, type Method } from "../../src/serve/grpc-method.ts";
import { ServedCache } from "../../src/serve/served-cache.ts";
import { streamMethods } from "../../src/serve/stream-methods.ts";
import { Traffic } from "../../src/serve/traffic.ts";
import { openStore, type Store } from "../../src/store/store.ts";

/** One answer to Execute or WaitExecution: messages, then the end or an error. */
export type Answer = readonly (Uint8Array | "broken" | "not-found")[];

/** A server for one test. */
export interface FakeExecutor {
  readonly port: number;
  readonly store: Store;
  /** The methods that were called, in order. */
  readonly calls: string[];
  /** The actions that were to be executed, in order. */
  readonly executed: Digest[];
}

/** Answers calls of Execute and WaitExecution with `answers`, one after the other. */
export async function fakeExecutor(
  answers: (call: number, store: Store) => Answer,
  { executes = true, isFull = false } = {},
): Promise<FakeExecutor> {
  const directory = mkdtempSync(join(tmpdir(), "kraft-executor-"));
  const store = openStore(directory, { epochMs: Date.now, processId: process.pid });
  const limits = { maxSizeBytes: 1e9, maxAgeMs: 1e9 };
  const traffic = new Traffic();
  const cache = new ServedCache({ store, limits, traffic });
  const calls: string[] = [];
  const executed: Digest[] = [];
  const answer = (name: string) =>
    async function* (request: Buffer): AsyncIterable<Uint8Array> {
      if (name === "Execute") executed.push(actionIn(request));
      for (const one of answers(calls.push(name) - 1, store)) {
        if (one === "broken") throw new CallRefusal(status.UNAVAILABLE, "the line broke");
        if (one === "not-found") throw new CallRefusal(status.NOT_FOUND, "no such operation");
        yield one;
      }
    };
  const service = "/build.bazel.remote.execution.v2.Execution";
  const own: Method[] = ["Execute", "WaitExecution"].map((name) => ({
    path: `${service}/${name}`,
    kind: "server-stream",
    needs: "write",
    answer: answer(name),
  }));
  const cached = cacheMethods(cache, 1e9).map((method): Method => {
    if (isFull && method.path.endsWith("/BatchUpdateBlobs") && method.kind === "unary") {
      return { ...method, answer: () => throwFull() };
    }
    if (!method.path.endsWith("GetCapabilities") || method.kind !== "unary") return method;
    const execution = encodeWire((writer) => writer.message(2, () => writer.boolean(2, executes)));
    return {
      ...method,
      answer: async (request, info) =>
        Buffer.concat([await method.answer(request, info), execution]),
    };
  });
  const server = new Server();
  const access = openAccess("write");
  addMethods(server, [...cached, ...streamMethods(cache), ...own], { access, traffic });
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  onTestFinished(() => {
    server.forceShutdown();
    rmSync(directory, { recursive: true, force: true });
  });
  return { port, store, calls, executed };
}

/** The action of an `ExecuteRequest`. */
function actionIn(request: Buffer): Digest {
  const action = decodeWire(request, (reader) => {
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 6) return readDigest(reader);
    }
    return undefined;
  });
  if (action === undefined) throw new Error("a request for no action");
  return action;
}

function throwFull(): never {
  throw new CallRefusal(status.RESOURCE_EXHAUSTED, "no room");
}

/** What an answer at its end says. */
export interface FakeResponse {
  readonly result?: Uint8Array;
  readonly isCached?: boolean;
  readonly code?: number;
  readonly missing?: readonly Digest[];
  readonly message?: string;
  readonly log?: { readonly name: string; readonly digest: Digest };
}

/** The message `Operation` of an action that is under way, or with `response`, over. */
export function operation(name: string, response?: FakeResponse): Uint8Array {
  return encodeWire((writer) => {
    writer.bytes(1, name);
    if (response === undefined) return;
    writer.boolean(3, true);
    writer.message(5, () => {
      writer.bytes(1, "type.googleapis.com/build.bazel.remote.execution.v2.ExecuteResponse");
      writer.message(2, () => writeResponse(writer, response));
    });
  });
}

function writeResponse(writer: WireWriter, response: FakeResponse): void {
  const { result, isCached = false, code = 0, missing = [], message = "", log } = response;
  if (result !== undefined) writer.element(1, result);
  if (isCached) writer.boolean(2, true);
  writer.message(3, () => {
    writer.number(1, code);
    writer.bytes(2, code === 0 ? "" : "as told");
    if (missing.length === 0) return;
    writer.message(3, () => {
      writer.bytes(1, "type.googleapis.com/google.rpc.PreconditionFailure");
      writer.message(2, () => {
        for (const digest of missing) {
          writer.message(1, () => {
            writer.bytes(1, "MISSING");
            writer.bytes(2, `blobs/${digest}`);
          });
        }
      });
    });
  });
  if (log !== undefined) {
    writer.message(4, () => {
      writer.bytes(1, log.name);
      writer.message(2, () => {
        writeDigest(writer, 1, log.digest);
        writer.boolean(2, true);
      });
    });
  }
  writer.bytes(5, message);
}
