// How long requests to other machines take, told of each when it is over. Knows no protocol.

import type { Host } from "../base/host.ts";
import { type Digest, splitDigest } from "../digest/digest.ts";
import type { RemoteCache } from "./remote-cache.ts";

/** A request that is over, with all its attempts. */
export interface RemoteCall {
  /** `execute` is one action, from when it is asked for until its result is told. */
  readonly call: Exclude<keyof RemoteCache, "close"> | "execute";
  readonly wallMs: number;
  /** Whether it had an answer: that there is nothing is one. */
  readonly ok: boolean;
  /** How many blobs it was about; absent: it was about none. */
  readonly blobs?: number;
  readonly bytes?: number;
}

/** Who hears of requests. */
export interface CallListener extends Pick<Host, "now"> {
  readonly tell: (call: RemoteCall) => void;
}

/** Takes the time of requests, until it is ended. */
export class CallTrace {
  readonly #listener: CallListener;
  #isEnded = false;

  constructor(listener: CallListener) {
    this.#listener = listener;
  }

  /** What `run` gives, a request about `digests`. */
  async timed<T>(
    call: RemoteCall["call"],
    digests: readonly Digest[] | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    const { now, tell } = this.#listener;
    const startMs = now();
    const about = digests === undefined ? {} : { blobs: digests.length, bytes: bytesOf(digests) };
    const over = (ok: boolean): void => {
      // What was under way when it was ended is nobody's concern: its build is over.
      if (!this.#isEnded) tell({ call, wallMs: now() - startMs, ok, ...about });
    };
    try {
      const answer = await run();
      over(true);
      return answer;
    } catch (error) {
      over(false);
      throw error;
    }
  }

  /** Nothing is told any more. */
  end(): void {
    this.#isEnded = true;
  }
}

function bytesOf(digests: readonly Digest[]): number {
  return digests.reduce((sum, digest) => sum + splitDigest(digest).sizeBytes, 0);
}
