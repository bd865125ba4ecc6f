import { setTimeout as delay } from "node:timers/promises";

/** Ends after `ms` milliseconds, or at once when `signal` aborts. */
export async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
