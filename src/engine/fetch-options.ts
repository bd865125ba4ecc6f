// How one fetch is to be, and what it may have of the world.

import { randomBytes } from "node:crypto";

import type { Host } from "../base/host.ts";
import type { FetchContext } from "../fetch/fetch-context.ts";
import { waitFor } from "./wait-for.ts";

/** How one fetch is to be. */
export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FetchProgress) => void;
}

/** How far a fetch is. */
export interface FetchProgress {
  readonly receivedBytes: number;
  /** Absent: nobody knows. */
  readonly totalBytes?: number;
  /** As the server's own program has it; absent: to be told from the bytes. */
  readonly bytesPerSecond?: number;
}

/** What downloads may have of the world. */
export function fetchContextOf(
  { env, epochMs }: Pick<Host, "env" | "epochMs">,
  { signal, onProgress }: FetchOptions,
): FetchContext {
  return {
    environment: env,
    signal,
    wait: waitFor,
    epochMs,
    random: fraction,
    onProgress: (receivedBytes, totalBytes) =>
      onProgress({ receivedBytes, ...(totalBytes !== undefined && { totalBytes }) }),
  };
}

/** From 0 to below 1; it decides about nothing but how long to wait. */
function fraction(): number {
  return randomBytes(4).readUInt32LE() / 2 ** 32;
}
