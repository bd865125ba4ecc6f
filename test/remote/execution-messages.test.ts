import { expect, test } from "vitest";

import { digestOf, splitDigest } from "../../src/digest/digest.ts";
import {
  decodeCanExecute,
  decodeOperation,
  encodeExecuteRequest,
  encodeWaitRequest,
} from "../../src/remote/execution-messages.ts";
import { decodeStatus } from "../../src/remote/rpc-status.ts";
import { encodeByProto } from "./proto-schema.ts";

const [one, two] = [digestOf("one"), digestOf("two")];
const proto = (digest: typeof one) => {
  const { hash, sizeBytes } = splitDigest(digest);
  return { hash, sizeBytes: BigInt(sizeBytes) };
};
const any = (name: string, fields: Readonly<Record<string, unknown>>) => ({
  typeUrl: `type.googleapis.com/${name}`,
  value: encodeByProto(name.replace(/^.*\./, ""), fields),
});
const responseName = "build.bazel.remote.execution.v2.ExecuteResponse";
const missing = any("google.rpc.PreconditionFailure", {
  violations: [
    { type: "MISSING", subject: `team/blobs/${one}`, description: "gone" },
    { type: "OTHER", subject: `blobs/${two}` },
    { type: "MISSING", subject: `blobs/${two}` },
    { type: "MISSING", subject: "something else" },
  ],
});

test.each([
  [
    "ExecuteRequest",
    encodeExecuteRequest("team", one, { skipsCache: true }),
    { instanceName: "team", skipCacheLookup: true, actionDigest: proto(one) },
  ],
  [
    "ExecuteRequest",
    encodeExecuteRequest("", two, { skipsCache: false }),
    { actionDigest: proto(two) },
  ],
  ["WaitExecutionRequest", encodeWaitRequest("operations/7"), { name: "operations/7" }],
])("%s is encoded as protobuf-es encodes it", (name, ours, fields) => {
  expect(Buffer.from(ours)).toEqual(encodeByProto(name, fields));
});

test("an operation that goes on has a name, and no response yet", () => {
  const metadata = { typeUrl: "type.example/Stage", value: Buffer.from("no message") };
  const bytes = encodeByProto("Operation", { name: "operations/7", metadata });
  expect(decodeOperation(bytes)).toEqual({ name: "operations/7", response: undefined });
});

test("an operation that is over has the response that protobuf-es wrote", () => {
  const response = any(responseName, {
    result: Buffer.from("result"),
    cachedResult: true,
    status: { code: 4, message: "too slow" },
    serverLogs: [
      { key: "perf", value: { digest: proto(one), humanReadable: true } },
      { key: "raw", value: { digest: proto(two) } },
      { key: "none", value: {} },
    ],
    message: "see the log",
  });
  const read = decodeOperation(encodeByProto("Operation", { name: "n", done: true, response }));
  expect(read).toEqual({
    name: "n",
    response: {
      status: { code: 4, message: "too slow", missing: [] },
      result: Buffer.from("result"),
      isCached: true,
      logs: [
        { name: "perf", digest: one, isReadable: true },
        { name: "raw", digest: two, isReadable: false },
      ],
      message: "see the log",
    },
  });
});

test("an operation that failed has a response that only says so", () => {
  const error = { code: 9, message: "no", details: [missing] };
  expect(decodeOperation(encodeByProto("Operation", { done: true, error }))).toEqual({
    name: "",
    response: {
      status: { code: 9, message: "no", missing: [one, two] },
      result: undefined,
      isCached: false,
      logs: [],
      message: "",
    },
  });
});

test("a status names the blobs that are missing, whatever else it says", () => {
  const other = { typeUrl: "type.googleapis.com/google.rpc.DebugInfo", value: missing.value };
  const fields = { code: 9, message: "no", details: [other, missing] };
  const bytes = encodeByProto("Status", fields);
  expect(decodeStatus(bytes)).toEqual({ code: 9, message: "no", missing: [one, two] });
  expect(decodeStatus(new Uint8Array(0))).toEqual({ code: 0, message: "", missing: [] });
});

test("a status says how long to wait, to the nanosecond", () => {
  const delay = any("google.rpc.RetryInfo", { retryDelay: { seconds: 2n, nanos: 500_000_001 } });
  const bytes = encodeByProto("Status", { code: 8, details: [missing, delay] });
  expect(decodeStatus(bytes)).toMatchObject({ code: 8, retryAfterMs: 2500.000001 });
});

test.each([
  [{ executionCapabilities: { digestFunction: 1, execEnabled: true } }, true],
  [{ executionCapabilities: { digestFunction: 1 } }, false],
  [{ cacheCapabilities: { digestFunctions: [1] } }, false],
])("of %j, a server executes actions: %j", (fields, can) => {
  expect(decodeCanExecute(encodeByProto("ServerCapabilities", fields))).toBe(can);
});

test("junk is none of the messages", () => {
  const junk = Buffer.from([0x0a, 0xff, 0x01]);
  expect([decodeOperation, decodeStatus].map((decode) => decode(junk))).toEqual([
    undefined,
    undefined,
  ]);
  expect(decodeCanExecute(junk)).toBe(false);
});
