import { create, toBinary } from "@bufbuild/protobuf";
import { AnySchema, DurationSchema } from "@bufbuild/protobuf/wkt";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";

import { failureOf, kindOf } from "../../src/remote/grpc-error.ts";
import { encodeByProto } from "./proto-schema.ts";

test.each([
  ["CANCELLED", "transient"],
  ["UNKNOWN", "transient"],
  ["INVALID_ARGUMENT", "refused"],
  ["DEADLINE_EXCEEDED", "timeout"],
  ["NOT_FOUND", "missing"],
  ["ALREADY_EXISTS", "refused"],
  ["PERMISSION_DENIED", "denied"],
  ["RESOURCE_EXHAUSTED", "transient"],
  ["FAILED_PRECONDITION", "refused"],
  ["ABORTED", "transient"],
  ["OUT_OF_RANGE", "refused"],
  ["UNIMPLEMENTED", "unsupported"],
  ["INTERNAL", "transient"],
  ["UNAVAILABLE", "transient"],
  ["DATA_LOSS", "transient"],
  ["UNAUTHENTICATED", "denied"],
] as const)("%s is %s", (name, kind) => {
  expect(kindOf(status[name])).toBe(kind);
});

test("a code that gRPC does not have is a refusal", () => {
  expect(kindOf(99)).toBe("refused");
});

interface Told {
  readonly code?: number;
  readonly details?: string;
  readonly gives?: boolean;
  /** Of a `RetryInfo`; absent: there is none. */
  readonly delay?: { readonly seconds: bigint; readonly nanos: number };
}

/** What an error of a server comes to. */
function failure(told: Told) {
  const { code = status.RESOURCE_EXHAUSTED, details = "no room", gives = false, delay } = told;
  const metadata = new Metadata();
  if (delay !== undefined) metadata.set("grpc-status-details-bin", detailsOf(code, delay));
  const error: ServiceError = Object.assign(new Error(details), { code, details, metadata });
  const { signal } = new AbortController();
  const call = { path: "/google.bytestream.ByteStream/Write", timeoutMs: 1000, signal };
  return failureOf(error, { ...call, gives, isLate: false });
}

/** A `google.rpc.Status` with a `RetryInfo`, whose only field is a Duration. */
function detailsOf(code: number, delay: NonNullable<Told["delay"]>): Buffer {
  const duration = toBinary(DurationSchema, create(DurationSchema, delay));
  const value = Buffer.from([0x0a, duration.length, ...duration]);
  const typeUrl = "type.googleapis.com/google.rpc.RetryInfo";
  const any = toBinary(AnySchema, create(AnySchema, { typeUrl, value }));
  const about = encodeByProto("Status", { code, message: "no room" });
  return Buffer.concat([about, Buffer.from([0x1a, any.length]), any]);
}

test("what is exhausted is room where something is given, and passes where it is asked for", () => {
  expect(failure({ gives: true })).toMatchObject({
    kind: "full",
    message: "Write: RESOURCE_EXHAUSTED: no room",
  });
  expect(failure({ gives: false })).toMatchObject({ kind: "transient" });
});

test("a server that knows when to try again is tried again then", () => {
  const delay = { seconds: 1n, nanos: 500_000_000 };
  const expected = { kind: "transient", retryAfterMs: 1500 };
  expect(failure({ delay, gives: true })).toMatchObject(expected);
  expect(failure({ delay })).toMatchObject(expected);
  expect(failure({ delay, code: status.UNAVAILABLE })).toMatchObject(expected);
});

test("a delay of nothing, or of less, is none", () => {
  for (const seconds of [0n, -5n]) {
    const found = failure({ delay: { seconds, nanos: 0 }, gives: true });
    expect(found).toMatchObject({ kind: "full", retryAfterMs: undefined });
  }
});

test.each([
  "Received message larger than max (5000000 vs 4194304)",
  "grpc: received message larger than max (5000000 vs. 4194304)",
  "Attempted to send message with a size larger than max",
  "gRPC message exceeds maximum size 4194304: 5000000",
])("a message that is too long is refused, and says nothing of room: %s", (details) => {
  expect(failure({ details, gives: true })).toMatchObject({ kind: "refused" });
});
