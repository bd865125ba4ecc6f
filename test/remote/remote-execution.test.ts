import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";

import { encodeActionResult } from "../../src/action/reapi-result.ts";
import type { ActionResult } from "../../src/action/result.ts";
import { type Digest, digestOf, emptyDigest } from "../../src/digest/digest.ts";
import type { RemoteCall } from "../../src/remote/call-trace.ts";
import { openRemoteExecution, type RemoteAction } from "../../src/remote/remote-execution.ts";
import { openStore } from "../../src/store/store.ts";
import { type FakeExecutor, fakeExecutor, operation } from "./fake-executor.ts";

const done: ActionResult = {
  exitCode: 0,
  outputs: new Map(),
  stdout: emptyDigest,
  stderr: emptyDigest,
  wallMs: 7,
};
const result = encodeActionResult(done);

/** An action with an input in a file, and a connection to `server`. */
async function connect(server: FakeExecutor) {
  const directory = mkdtempSync(join(tmpdir(), "kraft-execution-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const told: string[] = [];
  const calls: RemoteCall[] = [];
  const execution = await openRemoteExecution({
    place: {
      kind: "grpc",
      target: `127.0.0.1:${server.port}`,
      isSecure: false,
      credentials: undefined,
    },
    options: {
      instance: "",
      headers: async () => ({}),
      tls: {},
      timeoutMs: 60_000,
      toolVersion: "test",
    },
    attempts: { wait: async () => undefined },
    cas: openStore(join(directory, "store"), { epochMs: Date.now, processId: process.pid }).cas,
    tell: (reason) => void told.push(reason),
    trace: { now: () => 0, tell: (call) => void calls.push(call) },
  });
  onTestFinished(() => execution?.close());
  const file = join(directory, "input");
  writeFileSync(file, "what is read");
  const message = Buffer.from("an action");
  const action: RemoteAction = {
    digest: digestOf(message),
    blobs: new Map<Digest, Uint8Array | (() => string)>([
      [digestOf(message), message],
      [input, () => file],
    ]),
  };
  const signal = new AbortController().signal;
  return {
    told,
    calls,
    file,
    execute: () => execution?.execute(action, signal, { files: "now" }),
    execution,
  };
}

const input = digestOf("what is read");

test("what an action reads is sent before it is executed", async () => {
  const server = await fakeExecutor((_, store) => {
    expect(store.cas.has(input)).toBe(true);
    return [operation("a"), operation("a", { result, message: "well done" })];
  });
  const { execute } = await connect(server);
  expect(await execute()).toEqual({
    kind: "ran",
    result: done,
    isCached: false,
    message: "well done",
    logs: [],
  });
  expect(server.calls).toEqual(["Execute"]);
});

test("each request on the way to a result is told, with what it was about", async () => {
  const server = await fakeExecutor(() => [operation("a", { result })]);
  const { execute, calls } = await connect(server);
  await execute();
  const about = (text: string) => Buffer.byteLength(text);
  const both = { blobs: 2, bytes: about("an action") + about("what is read") };
  expect(calls).toEqual(
    [
      { call: "abilities" },
      { call: "abilities" },
      { call: "readResult" },
      { call: "findMissing", ...both },
      { call: "writeBatch", ...both },
      { call: "execute" },
    ].map((call) => ({ ...call, wallMs: 0, ok: true })),
  );
});

test("an action that a server never ends is told as a request without an answer", async () => {
  const server = await fakeExecutor(() => ["broken"]);
  const { execute, calls } = await connect(server);
  await execute();
  expect(calls.at(-1)).toEqual({ call: "execute", wallMs: 0, ok: false });
});

test("an answer that breaks off is taken up again where it was", async () => {
  const server = await fakeExecutor((call) =>
    call < 3 ? [operation("a"), "broken"] : [operation("a", { result })],
  );
  const { execute, told } = await connect(server);
  expect(await execute()).toMatchObject({ kind: "ran", result: done });
  expect(server.calls).toEqual(["Execute", "WaitExecution", "WaitExecution", "WaitExecution"]);
  expect(told).toEqual([]);
});

test("a server that was started again is asked anew", async () => {
  const server = await fakeExecutor(
    (call) =>
      [[operation("a"), "broken"] as const, ["not-found"] as const][call] ?? [
        operation("b", { result }),
      ],
  );
  const { execute } = await connect(server);
  expect(await execute()).toMatchObject({ kind: "ran" });
  expect(server.calls).toEqual(["Execute", "WaitExecution", "Execute"]);
});

test("a blob that the server has lost since is sent again", async () => {
  const server = await fakeExecutor((call, store) => {
    if (call > 0) {
      expect(store.cas.has(input)).toBe(true);
      return [operation("a", { result })];
    }
    store.empty();
    return [operation("a", { code: status.FAILED_PRECONDITION, missing: [input] })];
  });
  const { execute } = await connect(server);
  expect(await execute()).toMatchObject({ kind: "ran" });
  expect(server.calls).toEqual(["Execute", "Execute"]);
});

test("where it does not say what it lacks, all of it is sent again", async () => {
  const server = await fakeExecutor((call, store) => {
    if (call > 0) return store.cas.has(input) ? [operation("a", { result })] : ["broken"];
    store.empty();
    return [operation("a", { code: status.NOT_FOUND })];
  });
  expect(await (await connect(server)).execute()).toMatchObject({ kind: "ran" });
});

test("an output that is lost has its action run again, and not be looked up", async () => {
  const lost = digestOf("lost");
  const lacking = encodeActionResult({
    ...done,
    outputs: new Map([["out", { kind: "file", digest: lost, executable: false }]]),
  });
  const server = await fakeExecutor((call, store) => {
    if (call > 0) store.cas.put(Buffer.from("lost"));
    return [operation("a", { result: lacking })];
  });
  expect(await (await connect(server)).execute()).toMatchObject({ kind: "ran" });
  expect(server.calls).toEqual(["Execute", "Execute"]);
});

test("what the server logged of a failure is brought along", async () => {
  const failed = encodeActionResult({ ...done, exitCode: 3 });
  const server = await fakeExecutor((_, store) => {
    const log = { name: "worker", digest: store.cas.put(Buffer.from("out of memory\n")) };
    return [operation("a", { result: failed, message: "see the log", log })];
  });
  expect(await (await connect(server)).execute()).toMatchObject({
    kind: "ran",
    result: { exitCode: 3 },
    message: "see the log",
    logs: [{ name: "worker", text: Buffer.from("out of memory\n") }],
  });
});

test("an action that takes longer than the server allows has failed", async () => {
  const server = await fakeExecutor(() => [operation("a", { code: status.DEADLINE_EXCEEDED })]);
  expect(await (await connect(server)).execute()).toEqual({
    kind: "failed",
    message: "it took longer than the server allows: as told",
  });
});

test("a server that never comes to an end is given up, and told of once", async () => {
  const server = await fakeExecutor(() => ["broken"]);
  const { execute, told } = await connect(server);
  for (let i = 0; i < 4; i++) expect(await execute()).toEqual({ kind: "unavailable" });
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("UNAVAILABLE");
});

test("a server that has no room for inputs is given up, and told of once", async () => {
  const server = await fakeExecutor(() => [], { isFull: true });
  const { execute, told } = await connect(server);
  for (let i = 0; i < 4; i++) expect(await execute()).toEqual({ kind: "unavailable" });
  expect(told).toEqual(["BatchUpdateBlobs: RESOURCE_EXHAUSTED: no room"]);
  expect(server.calls).toEqual([]);
});

test("an input that changed while it was sent is executed nowhere", async () => {
  const server = await fakeExecutor(() => [operation("a", { result })]);
  const { execute, file } = await connect(server);
  writeFileSync(file, "something else");
  expect(await execute()).toEqual({ kind: "unavailable" });
  expect(server.calls).toEqual([]);
});

test("a server that only keeps results executes nothing", async () => {
  const server = await fakeExecutor(() => [], { executes: false });
  const { execution, told } = await connect(server);
  expect(execution).toBeUndefined();
  expect(told).toEqual(["it executes no actions"]);
});
