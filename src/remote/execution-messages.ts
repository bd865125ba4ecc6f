// What is said to a REAPI execution service, and heard from it. Knows no connection.

import { readDigest, writeDigest } from "../action/reapi-digest.ts";
import { type WireReader, decodeWire } from "../action/wire-reader.ts";
import { encodeWire } from "../action/wire-writer.ts";
import type { Digest } from "../digest/digest.ts";
import { fine, readAny, readStatus, type RpcStatus } from "./rpc-status.ts";

/** The message `ExecuteRequest`. */
export function encodeExecuteRequest(
  instance: string,
  action: Digest,
  { skipsCache }: { readonly skipsCache: boolean },
): Uint8Array {
  return encodeWire((writer) => {
    writer.bytes(1, instance);
    writer.boolean(3, skipsCache);
    writeDigest(writer, 6, action);
  });
}

/** The message `WaitExecutionRequest`. */
export function encodeWaitRequest(operation: string): Uint8Array {
  return encodeWire((writer) => writer.bytes(1, operation));
}

/** Some output of a server about an action. */
export interface ServerLog {
  readonly name: string;
  readonly digest: Digest;
  readonly isReadable: boolean;
}

/** What became of an action. Source: REAPI v2 `ExecuteResponse`. */
export interface ExecuteResponse {
  readonly status: RpcStatus;
  /** The encoded `ActionResult`; absent when it did not run. */
  readonly result: Uint8Array | undefined;
  readonly isCached: boolean;
  readonly logs: readonly ServerLog[];
  readonly message: string;
}

/** How far an execution is. Source: google.longrunning.Operation. */
export interface Operation {
  readonly name: string;
  /** Present once it is over. */
  readonly response: ExecuteResponse | undefined;
}

/** The `Operation` in `bytes`; undefined when they are none. */
export function decodeOperation(bytes: Uint8Array): Operation | undefined {
  return decodeWire(bytes, (reader) => {
    let name = "";
    let isDone = false;
    let error: RpcStatus | undefined;
    let response: ExecuteResponse | undefined;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) name = reader.text();
      else if (field === 3) isDone = reader.boolean();
      else if (field === 4) error = reader.message(readStatus);
      else if (field === 5) response = readResponse(reader.message(readAny).value);
    }
    if (!isDone) return { name, response: undefined };
    const failed = { status: error ?? fine, result: undefined, isCached: false, logs: [] };
    return { name, response: response ?? { ...failed, message: "" } };
  });
}

function readResponse(bytes: Uint8Array): ExecuteResponse | undefined {
  return decodeWire(bytes, (reader) => {
    let status = fine;
    let result: Uint8Array | undefined;
    let [isCached, message] = [false, ""];
    const logs: ServerLog[] = [];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) result = reader.bytes();
      else if (field === 2) isCached = reader.boolean();
      else if (field === 3) status = reader.message(readStatus);
      else if (field === 4) logs.push(...reader.message(readLog));
      else if (field === 5) message = reader.text();
    }
    return { status, result, isCached, logs, message };
  });
}

/** One entry of a map of names to `LogFile`. */
function readLog(reader: WireReader): ServerLog[] {
  let name = "";
  let digest: Digest | undefined;
  let isReadable = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.text();
    else if (field === 2) {
      reader.message((file) => {
        for (let inner = file.next(); inner !== 0; inner = file.next()) {
          if (inner === 1) digest = readDigest(file);
          else if (inner === 2) isReadable = file.boolean();
        }
      });
    }
  }
  return digest === undefined ? [] : [{ name, digest, isReadable }];
}

/** Whether the `ServerCapabilities` in `bytes` say that actions are executed. */
export function decodeCanExecute(bytes: Uint8Array): boolean {
  const found = decodeWire(bytes, (reader) => {
    let can = false;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 2) can = reader.message(readEnabled);
    }
    return can;
  });
  return found === true;
}

function readEnabled(reader: WireReader): boolean {
  let enabled = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) enabled = reader.boolean();
  }
  return enabled;
}
