// Tries requests again where that may help. Knows no protocol.

import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";

import { backoffMs } from "../base/backoff.ts";
import type { Breaker } from "./breaker.ts";
import { RemoteError } from "./remote-error.ts";

/** How often a request is sent at most. */
const maxAttempts = 5;

const backoff = { firstMs: 100, longestMs: 2000 };
/** Among how many pauses of one length the one is drawn. */
const spread = 1000;

/** Waits; resolves early, or rejects, when `signal` aborts. */
export type Wait = (durationMs: number, signal: AbortSignal) => Promise<void>;

/** How to try again. */
export interface AttemptOptions {
  /** Absent: by the machine's clock. */
  readonly wait?: Wait;
  /** Asked when the server denies; true when there are other credentials now. Absent: never. */
  readonly renew?: () => Promise<boolean>;
}

/** Sends requests until one gets an answer, or it makes no sense any more. */
export class Attempts {
  readonly #breaker: Breaker;
  readonly #wait: Wait;
  readonly #renew: () => Promise<boolean>;

  constructor(breaker: Breaker, { wait = pause, renew = async () => false }: AttemptOptions = {}) {
    this.#breaker = breaker;
    this.#wait = wait;
    this.#renew = renew;
  }

  get signal(): AbortSignal {
    return this.#breaker.signal;
  }

  /** What `work` gives; it hears how often it was tried before. Throws a RemoteError. */
  async run<T>(work: (earlier: number) => Promise<T>): Promise<T> {
    for (let earlier = 0; ; earlier++) {
      try {
        if (this.#breaker.isOpen) throw new RemoteError("off", "the remote is given up");
        const value = await work(earlier);
        this.#breaker.answered();
        return value;
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        if (error.kind === "denied" && earlier === 0 && (await this.#renew())) continue;
        if (!this.#isWorthTrying(error, earlier)) throw error;
        await this.#wait(pauseMsOf(earlier, error), this.signal);
      }
    }
  }

  /** Waits as long as before another try, after `earlier` ones. */
  async pause(earlier: number): Promise<void> {
    await this.#wait(pauseMsOf(earlier, new RemoteError("transient", "")), this.signal);
  }

  /** Whether to try again; if not, what happened is taken to heart. */
  #isWorthTrying(error: RemoteError, earlier: number): boolean {
    if (error.kind === "off") return false;
    if (error.kind === "transient" && earlier + 1 < maxAttempts) return true;
    if (error.kind === "transient" || error.kind === "timeout") this.#breaker.failed(error);
    else this.#breaker.answered();
    return false;
  }
}

function pauseMsOf(earlier: number, { retryAfterMs = 0 }: RemoteError): number {
  const spreadMs = backoffMs(backoff, { earlier, random: randomInt(spread + 1) / spread });
  return Math.max(spreadMs, Math.min(retryAfterMs, backoff.longestMs));
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  // When the remote is given up meanwhile, the next try says so.
  await setTimeout(durationMs, undefined, { signal }).catch(() => undefined);
}
