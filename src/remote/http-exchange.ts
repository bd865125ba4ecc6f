// Requests of HTTP and their answers, taken in as they come. Knows no cache.

import type { Readable } from "node:stream";

import type { Dispatcher, Pool } from "undici";

import { type ErrorContext, failureOf, refusalOf } from "./http-error.ts";
import { Patience } from "./patience.ts";
import { RemoteError } from "./remote-error.ts";

/** What is asked. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Readable;
}

/** An answer without its body. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Takes what comes of a body; false when it wants no more of it. What it throws ends the request. */
export type TakeBody = (bytes: Uint8Array, answer: HttpAnswer) => boolean;

/**
 * Sends requests. A stream for each answer, with its iterator and its listeners, would take more time than
 * all else of a request for a few hundred bytes.
 */
export class HttpExchanges {
  readonly #pool: Pool;
  readonly #context: Pick<ErrorContext, "signal" | "timeoutMs">;
  readonly #underWay = new Set<Exchange>();

  constructor(pool: Pool, context: Pick<ErrorContext, "signal" | "timeoutMs">) {
    this.#pool = pool;
    this.#context = context;
    const { signal } = context;
    signal.addEventListener("abort", () => this.#cancel(), { once: true });
  }

  /**
   * The answer, when all of it was read; `take` hears the body of one that is no refusal, nor says that
   * nothing is there. Throws a RemoteError, or what `take` does.
   */
  send(request: HttpRequest, take: TakeBody = readOn): Promise<HttpAnswer> {
    const { method, path } = request;
    return new Promise((resolve, reject) => {
      const context = { method, path, ...this.#context };
      const ended = () => void this.#underWay.delete(exchange);
      const exchange = new Exchange({ context, take, resolve, reject, ended });
      this.#underWay.add(exchange);
      this.#pool.dispatch(request as Dispatcher.DispatchOptions, exchange);
    });
  }

  /** Ends connections. */
  close(): void {
    // What still runs belongs to nobody any more; its error is nobody's either.
    this.#pool.destroy().catch(() => undefined);
  }

  #cancel(): void {
    for (const exchange of this.#underWay) exchange.cancel();
  }
}

interface ExchangeParts {
  readonly context: ErrorContext;
  readonly take: TakeBody;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: unknown) => void;
  /** Hears when it is over. */
  readonly ended: () => void;
}

/** One request under way. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #parts: ExchangeParts;
  #controller: Dispatcher.DispatchController | undefined;
  #answer: HttpAnswer = { statusCode: 0, headers: {} };
  #patience: Patience | undefined;
  #isWanted = false;
  #isOver = false;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** Ends it without an answer. */
  cancel(): void {
    const error = new RemoteError("off", "the remote is given up");
    this.#fail(error);
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It waited for a connection, and meanwhile nobody for it.
    if (this.#isOver) controller.abort(new RemoteError("off", "the remote is given up"));
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    statusCode: number,
    headers: HttpAnswer["headers"],
  ): void {
    this.#answer = { statusCode, headers };
    this.#isWanted = statusCode >= 200 && statusCode < 300;
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    this.#patience ??= this.#newPatience(controller);
    this.#patience.moved(bytes.byteLength);
    // A body that nobody wants is read all the same, so that the connection can be used again.
    if (!this.#isWanted || this.#isOver) return;
    try {
      if (this.#parts.take(bytes, this.#answer)) return;
      this.#end();
    } catch (error) {
      this.#fail(error);
    }
    controller.abort(new RemoteError("off", "the rest is not wanted"));
  }

  onResponseEnd(): void {
    this.#patience?.end();
    this.#end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#patience?.end();
    if (this.#isOver) return;
    try {
      this.#fail(failureOf(error, this.#parts.context));
    } catch (bug) {
      this.#fail(bug);
    }
  }

  /** That nothing comes at all, undici sees. */
  #newPatience(controller: Dispatcher.DispatchController): Patience {
    const { method, path, timeoutMs } = this.#parts.context;
    return new Patience(timeoutMs, () => {
      const seconds = timeoutMs / 1000;
      const late = new RemoteError("timeout", `${method} ${path}: too slow for ${seconds} s`);
      this.#fail(late);
      controller.abort(late);
    });
  }

  #end(): void {
    const refusal = refusalOf(this.#answer, this.#parts.context);
    if (refusal !== undefined) return this.#fail(refusal);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.ended();
    this.#parts.resolve(this.#answer);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.ended();
    this.#parts.reject(error);
  }
}

function readOn(): boolean {
  return true;
}
