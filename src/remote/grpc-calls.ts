// Calls of gRPC, of messages that are bytes here. Knows no service.

import type { Client, Metadata, ServiceError } from "@grpc/grpc-js";

import { failureOf, isServiceError } from "./grpc-error.ts";
import { Patience } from "./patience.ts";

/** What calls take besides their message. */
export interface CallContext {
  readonly client: Client;
  /** Anew for each call. */
  readonly metadata: () => Promise<Metadata>;
  readonly timeoutMs: number;
  /** Aborts to end whatever is under way. */
  readonly signal: AbortSignal;
}

/** A call by its path, `/package.Service/Method`. */
export interface Call {
  readonly path: string;
  readonly request: Uint8Array;
  /** Present when it gives the server something to keep. */
  readonly gives?: true;
}

/** The answer to a call of one message that gets one. Throws a RemoteError. */
export async function callUnary(
  context: CallContext,
  { path, request, gives }: Call,
): Promise<Buffer> {
  const metadata = await context.metadata();
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, answer?: Buffer) => {
      watch.end();
      if (error === null) resolve(answer ?? Buffer.alloc(0));
      else {
        const about = { path, gives: gives === true, isLate: watch.isOver };
        reject(failureOf(error, { ...context, ...about }));
      }
    };
    const call = context.client.makeUnaryRequest(path, same, same, request, metadata, done);
    const watch = new Watch(context, () => call.cancel());
  });
}

/** Hands each message of the answer to `take`, until the last. Throws a RemoteError, or what `take` does. */
export async function callForStream(
  context: CallContext,
  call: Call,
  take: (message: Buffer) => void,
): Promise<void> {
  for await (const message of answersTo(context, call)) take(message);
}

/** The messages of the answer. Iterating throws a RemoteError; who iterates no more ends the call. */
export async function* answersTo(
  context: CallContext,
  { path, request }: Call,
): AsyncIterable<Buffer> {
  const metadata = await context.metadata();
  const call = context.client.makeServerStreamRequest(path, same, same, request, metadata);
  const watch = new Watch(context, () => call.cancel());
  try {
    for await (const message of call) {
      const bytes = message as Buffer;
      watch.moved(bytes.byteLength);
      yield bytes;
    }
  } catch (error) {
    if (!isServiceError(error)) throw error;
    throw failureOf(error, { ...context, path, gives: false, isLate: watch.isOver });
  } finally {
    watch.end();
    call.cancel();
  }
}

/**
 * Sends `messages`, and gives the one answer: when it comes early, the rest is not wanted. Throws a
 * RemoteError, or what `messages` does.
 */
export async function callWithStream(
  context: CallContext,
  path: string,
  messages: AsyncIterable<Uint8Array>,
): Promise<Buffer> {
  const metadata = await context.metadata();
  let isAnswered = false;
  let done: (error: ServiceError | null, answer?: Buffer) => void = () => undefined;
  const { client } = context;
  const call = client.makeClientStreamRequest(path, same, same, metadata, (error, message) =>
    done(error, message),
  );
  const watch = new Watch(context, () => call.cancel());
  const answer = new Promise<Buffer>((resolve, reject) => {
    done = (error, message) => {
      isAnswered = true;
      if (error === null) resolve(message ?? Buffer.alloc(0));
      else reject(failureOf(error, { ...context, path, gives: true, isLate: watch.isOver }));
    };
  });
  const settled = answer.then(
    () => undefined,
    () => undefined,
  );
  try {
    for await (const message of messages) {
      if (isAnswered) break;
      // However slow the line is, the server took what went before.
      watch.moved(Infinity);
      if (call.write(message)) continue;
      const drained = new Promise<void>((resolve) => call.once("drain", resolve));
      await Promise.race([drained, settled]);
    }
    if (!isAnswered) call.end();
    return await answer;
  } catch (error) {
    call.cancel();
    await settled;
    throw error;
  } finally {
    watch.end();
  }
}

/** Ends a call in which hardly anything moves any more, or that nobody waits for. */
class Watch extends Patience {
  readonly #signal: AbortSignal;
  readonly #cancel: () => void;

  constructor({ signal, timeoutMs }: CallContext, cancel: () => void) {
    super(timeoutMs, cancel);
    this.#signal = signal;
    this.#cancel = cancel;
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
  }

  override end(): void {
    super.end();
    this.#signal.removeEventListener("abort", this.#cancel);
  }
}

function same(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
