/** How long to wait between attempts, in milliseconds. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Milliseconds to wait after `earlier` attempts and the one that has just failed. Doubles from one to
 * the next, and is spread by `random`, from 0 to 1, so that all clients of a server that comes back
 * do not ask it at the same moment.
 */
export function backoffMs(
  { firstMs, longestMs }: Backoff,
  { earlier, random }: { readonly earlier: number; readonly random: number },
): number {
  const fullMs = Math.min(longestMs, firstMs * 2 ** earlier);
  return fullMs / 2 + (fullMs / 2) * random;
}
