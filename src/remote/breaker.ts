// Decides when a remote is given up. Knows no protocol.

import { setMaxListeners } from "node:events";

import type { RemoteError } from "./remote-error.ts";

/** How many requests in a row may fail, each after all its tries; one that timed out counts twice. */
const toleratedFailures = 3;

/** What is known of why a remote is given up. */
export interface TripFacts {
  /** Whether it is worth trying again later: it is dead or slow, and does not deny what it is asked. */
  readonly mayPass: boolean;
}

/**
 * Gives a remote up when it is dead or too slow: a build without it is
 * slower, and one that waits for it never ends.
 */
export class Breaker {
  readonly #controller = new AbortController();
  readonly #tell: (reason: string, facts: TripFacts) => void;
  #failures = 0;

  /** `tell` hears once, in a few words, why the remote is given up. */
  constructor(tell: (reason: string, facts: TripFacts) => void) {
    this.#tell = tell;
    // Every request under way listens.
    setMaxListeners(0, this.signal);
  }

  /** Aborts when the remote is given up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOpen(): boolean {
    return this.signal.aborted;
  }

  /** The server answered, even if only that it does not want to. */
  answered(): void {
    this.#failures = 0;
  }

  /** A request came to nothing, although it was tried as often as makes sense. */
  failed(error: RemoteError): void {
    this.#failures += error.kind === "timeout" ? 2 : 1;
    if (this.#failures >= toleratedFailures) this.trip(error);
  }

  /** Gives the remote up now, for `error`. */
  trip({ kind, message }: Pick<RemoteError, "kind" | "message">): void {
    if (this.isOpen) return;
    this.end();
    this.#tell(message, { mayPass: kind === "transient" || kind === "timeout" });
  }

  /** Ends what is under way without a word, as when the build is over. */
  end(): void {
    this.#controller.abort();
  }
}
