// Mirrors in turn, and again after a while. Knows not what an attempt does.

import { backoffMs } from "../base/backoff.ts";
import { type FetchContext, throwIfInterrupted } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import type { Failure } from "./http-failure.ts";

/** How often each address is tried. */
const rounds = 5;
const backoff = { firstMs: 500, longestMs: 20_000 };
/** A server that wants to be left alone for longer is not waited for. */
const patienceMs = 120_000;

/**
 * What `attempt` gives for the first address that works. All are tried before one is tried again.
 * `failureOf` says what went wrong; undefined for what is to be thrown as it is.
 */
export async function firstThatWorks<Address, Result>(
  addresses: readonly Address[],
  attempt: (address: Address) => Promise<Result>,
  failureOf: (cause: unknown, address: Address) => Failure | undefined,
  context: FetchContext,
): Promise<Result> {
  const failures = new Map<Address, Failure>();
  let left = addresses;
  for (let round = 0; round < rounds; round++) {
    for (const address of left) {
      try {
        throwIfInterrupted(context.signal);
        return await attempt(address);
      } catch (cause) {
        throwIfInterrupted(context.signal);
        const failure = failureOf(cause, address);
        if (failure === undefined) throw cause;
        failures.set(address, failure);
      }
    }
    left = left.filter((address) => mayWork(failures.get(address)));
    if (left.length === 0) break;
    if (round + 1 < rounds) await pause(left, failures, { round, context });
  }
  throw together([...failures.values()].map(({ error }) => error));
}

function mayWork(failure: Failure | undefined): boolean {
  return failure?.again !== "never" && (failure?.retryAfterMs ?? 0) <= patienceMs;
}

/** Waits until the first of `addresses` is to be tried again. */
async function pause<Address>(
  addresses: readonly Address[],
  failures: ReadonlyMap<Address, Failure>,
  { round, context }: { readonly round: number; readonly context: FetchContext },
): Promise<void> {
  const delayMs = backoffMs(backoff, { earlier: round, random: context.random() });
  const waits = addresses.map((address) => {
    const failure = failures.get(address);
    return failure?.again === "now" ? 0 : Math.max(delayMs, failure?.retryAfterMs ?? 0);
  });
  const ms = Math.min(...waits);
  if (ms === 0) return;
  try {
    await context.wait(ms, context.signal);
  } finally {
    throwIfInterrupted(context.signal);
  }
}

/** One error of several. Bytes that are not what was promised weigh most: others may be tired. */
function together(errors: readonly FetchError[]): FetchError {
  const [first, ...others] = errors;
  if (first === undefined) throw new Error("bug: no attempt was made");
  if (others.length === 0) return first;
  const worst = errors.find(({ code }) => code === "digest-mismatch") ?? first;
  const reasons = errors.map(({ message }) => message).join("; ");
  return new FetchError(worst.code, `none of ${errors.length} addresses works: ${reasons}`, {
    ...(worst.help !== undefined && { help: worst.help }),
    cause: worst,
  });
}
