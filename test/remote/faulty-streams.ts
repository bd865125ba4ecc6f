// The streams of a REAPI cache that fails as a test wants it. Its messages are protobuf-es's.

import { setTimeout } from "node:timers/promises";

import {
  type sendUnaryData,
  type ServerReadableStream,
  type ServerWritableStream,
  status,
} from "@grpc/grpc-js";

import { type Asked, damaged, dripMs, endsMidway, type Fault, lateMs } from "./fault.ts";
import { decodeByProto, encodeByProto } from "./proto-schema.ts";

/** What streams take of their server. */
export interface StreamParts {
  /** By digest in hex. */
  readonly blobs: Map<string, Buffer>;
  /** What is to become of a request for the blob `hash`, from `offset` on. */
  readonly look: (kind: Asked["kind"], hash: string, offset: number) => Fault;
  /** Ends connections with all that is under way on them. */
  readonly cut: () => void;
}

/** Messages are bytes. */
export const codec = {
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
};

/** The code that a call ends with; undefined when `fault` is none that says so. */
export function codeOf(fault: Fault): number | undefined {
  if (fault === "unavailable" || fault === "reset") return status.UNAVAILABLE;
  if (fault === "denied") return status.PERMISSION_DENIED;
  return fault === "full" ? status.RESOURCE_EXHAUSTED : undefined;
}

function drip(call: ServerWritableStream<Buffer, Buffer>, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    call.write(encodeByProto("ReadResponse", { data: bytes.subarray(at, ++at) }));
  }, dripMs);
  call.once("cancelled", () => clearInterval(timer));
}

/** The methods Read and Write of ByteStream, and how much of an upload is there. */
export function faultyStreams({ blobs, look, cut }: StreamParts) {
  const partial = new Map<string, Buffer>();

  const give = async (call: ServerWritableStream<Buffer, Buffer>): Promise<void> => {
    const { resourceName, readOffset } = decodeByProto("ReadRequest", call.request);
    const [hash, offset] = [hashIn(String(resourceName)), Number(readOffset)];
    const fault = look("read", hash, offset);
    const code = codeOf(fault);
    const found = fault === "gone" ? undefined : blobs.get(hash);
    if (fault === "silent") return;
    if (fault === "late") await setTimeout(lateMs);
    if (code !== undefined && fault !== "reset") call.emit("error", { code });
    else if (found === undefined) call.emit("error", { code: status.NOT_FOUND });
    else {
      const rest = damaged(found.subarray(offset), fault);
      const shown = endsMidway(fault) ? rest.subarray(0, rest.length / 2) : rest;
      for (let at = 0; at < shown.length; at += 65_536) {
        const data = shown.subarray(at, at + 65_536);
        call.write(encodeByProto("ReadResponse", { data }));
      }
      if (fault === "reset") call.emit("error", { code: status.UNAVAILABLE });
      else if (fault === "cut") cut();
      else if (fault === "dripping") drip(call, rest.subarray(shown.length));
      else if (fault !== "stalled") call.end();
    }
  };

  const take = (call: ServerReadableStream<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void => {
    let name = "";
    let fault: Fault;
    call.on("data", (bytes: Buffer) => {
      const { resourceName, data, writeOffset } = decodeByProto("WriteRequest", bytes);
      const isFirst = name === "";
      name = isFirst ? String(resourceName) : name;
      const before = partial.get(name) ?? Buffer.alloc(0);
      const start = Number(writeOffset);
      const grown = Buffer.concat([before.subarray(0, start), Buffer.from(data as Uint8Array)]);
      partial.set(name, grown);
      if (!isFirst) return;
      fault = look("give", hashIn(name), start);
      const code = codeOf(fault);
      if (code !== undefined) reply({ code, details: "as the test wants it" });
      else if (fault === "cut") cut();
      // What comes later fills the connection, as nobody takes it.
      else if (fault === "silent" || fault === "stalled") call.pause();
    });
    call.on("end", () => void finish().catch(() => undefined));
    const finish = async (): Promise<void> => {
      // Whoever gave up before the first message has given nothing.
      if (name === "" || codeOf(fault) !== undefined || fault === "cut") return;
      if (fault === "late") await setTimeout(lateMs);
      const whole = partial.get(name) ?? Buffer.alloc(0);
      blobs.set(hashIn(name), whole);
      reply(null, encodeByProto("WriteResponse", { committedSize: BigInt(whole.length) }));
    };
  };

  const path = "/google.bytestream.ByteStream";
  return {
    methods: {
      read: {
        path: `${path}/Read`,
        requestStream: false,
        responseStream: true,
        ...codec,
        handle: give,
      },
      write: {
        path: `${path}/Write`,
        requestStream: true,
        responseStream: false,
        ...codec,
        handle: take,
      },
    },
    /** Undefined where `name` is no upload that began. */
    committedBytes: (name: string) => partial.get(name)?.length,
  };
}

function hashIn(name: string): string {
  return /[0-9a-f]{64}/.exec(name)?.[0] ?? "";
}
