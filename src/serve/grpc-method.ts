// Methods of gRPC services whose messages are bytes. Knows no service.

import {
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  type Server,
  status,
} from "@grpc/grpc-js";

import { StoreError } from "../store/store-error.ts";
import type { Access, Right } from "./access.ts";
import type { Traffic } from "./traffic.ts";

/** Why a call comes to nothing. */
export class CallRefusal extends Error {
  override readonly name = "CallRefusal";
  /** A gRPC code. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What a method is called with besides its message. */
export interface CallInfo {
  readonly right: Right;
}

/** One method of a service, by its path. */
export type Method = { readonly path: string; readonly needs: "read" | "write" } & (
  | {
      readonly kind: "unary";
      readonly answer: (request: Buffer, info: CallInfo) => Uint8Array | Promise<Uint8Array>;
    }
  | {
      readonly kind: "server-stream";
      readonly answer: (request: Buffer) => AsyncIterable<Uint8Array>;
    }
  | {
      readonly kind: "client-stream";
      readonly answer: (requests: AsyncIterable<Buffer>) => Promise<Uint8Array>;
    }
);

/** What methods are served with. */
export interface MethodContext {
  readonly access: Access;
  readonly traffic: Traffic;
}

/** Adds `methods` to `server`. */
export function addMethods(
  server: Server,
  methods: readonly Method[],
  context: MethodContext,
): void {
  for (const method of methods) {
    const name = method.path.slice(method.path.lastIndexOf("/") + 1);
    server.addService({ [name]: definitionOf(method) }, { [name]: handlerOf(method, context) });
  }
}

function definitionOf({ path, kind }: Method): MethodDefinition<Uint8Array, Uint8Array> {
  return {
    path,
    requestStream: kind === "client-stream",
    responseStream: kind === "server-stream",
    requestSerialize: same,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: same,
    responseDeserialize: (bytes) => bytes,
  };
}

function handlerOf(method: Method, context: MethodContext) {
  const { kind } = method;
  if (kind === "unary") {
    const handle: handleUnaryCall<Buffer, Uint8Array> = (call, done) => {
      const answer = async () =>
        method.answer(call.request, { right: rightFor(method, call, context) });
      answer().then(
        (bytes) => {
          note(method, context, status.OK);
          done(null, bytes);
        },
        (error: unknown) => done(refusalOf(error, method, context)),
      );
    };
    return handle;
  }
  if (kind === "client-stream") {
    const handle: handleClientStreamingCall<Buffer, Uint8Array> = (call, done) => {
      const answer = async () => {
        rightFor(method, call, context);
        return method.answer(call as AsyncIterable<Buffer>);
      };
      answer().then(
        (bytes) => {
          note(method, context, status.OK);
          done(null, bytes);
        },
        (error: unknown) => done(refusalOf(error, method, context)),
      );
    };
    return handle;
  }
  const handle: handleServerStreamingCall<Buffer, Uint8Array> = (call) => {
    const send = async () => {
      rightFor(method, call, context);
      for await (const message of method.answer(call.request)) {
        if (call.cancelled) return;
        if (call.write(message)) continue;
        await new Promise<void>((resolve) => {
          call.once("drain", resolve);
          call.once("cancelled", resolve);
        });
      }
      note(method, context, status.OK);
      call.end();
    };
    // Not `destroy`, after which the library sends nothing any more, the status included.
    send().catch((error: unknown) => call.emit("error", refusalOf(error, method, context)));
  };
  return handle;
}

interface Asked {
  readonly metadata: { readonly get: (name: string) => (string | Buffer)[] };
}

/** What whoever asks may do. Throws a CallRefusal when `method` is not among it. */
function rightFor({ needs }: Method, { metadata }: Asked, { access }: MethodContext): Right {
  const shown = metadata.get("authorization")[0]?.toString();
  const right = access.rightOf(shown);
  if (right === "write" || right === needs) return right;
  if (right === "none" || shown === undefined) {
    throw new CallRefusal(status.UNAUTHENTICATED, "this needs a token");
  }
  throw new CallRefusal(status.PERMISSION_DENIED, "this token may not write");
}

/** `error` as gRPC has it; throws none, as a defect must not take the server down. */
function refusalOf(error: unknown, method: Method, context: MethodContext) {
  const refusal = asRefusal(error);
  note(method, context, refusal.code);
  return Object.assign(new Error(refusal.message), {
    code: refusal.code,
    details: refusal.message,
  });
}

function asRefusal(error: unknown): CallRefusal {
  if (error instanceof CallRefusal) return error;
  if (error instanceof StoreError) {
    const code = error.kind === "full" ? status.RESOURCE_EXHAUSTED : status.INTERNAL;
    // Not its message, which has a path of this machine.
    return new CallRefusal(code, `the store is ${error.kind}`);
  }
  return new CallRefusal(status.INTERNAL, error instanceof Error ? error.message : String(error));
}

function note({ path }: Method, { traffic }: MethodContext, code: number): void {
  traffic.served(path.slice(path.lastIndexOf("/") + 1), status[code] ?? String(code));
}

function same(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
