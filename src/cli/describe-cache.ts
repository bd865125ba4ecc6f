import type { Host } from "../base/host.ts";
import type { StoreLimits } from "../store/collect.ts";
import { type KindStatistics, type StoreStatistics, storeStatistics } from "../store/statistics.ts";
import { openStore } from "../store/store.ts";
import { verifyStore } from "../store/verify-store.ts";

/** The cache that is asked about, and how to answer. */
export interface CacheRequest {
  /** Absolute. */
  readonly directory: string;
  readonly limits: StoreLimits;
  readonly host: Pick<Host, "epochMs" | "processId">;
  readonly asJson: boolean;
}

/** What the cache holds, as lines. Throws a StoreError. */
export function statisticsText({ directory, limits, host, asJson }: CacheRequest): string {
  const found = storeStatistics(directory);
  if (asJson) return `${JSON.stringify({ directory, ...found, limits }, undefined, 2)}\n`;
  const { kinds, blobs, blobBytes, results, resultBytes, oldestUseMs, newestUseMs } = found;
  const nowMs = host.epochMs();
  const uses =
    oldestUseMs === undefined || newestUseMs === undefined
      ? []
      : [`used:    ${ageOf(nowMs - oldestUseMs)} ago to ${ageOf(nowMs - newestUseMs)} ago`];
  return [
    `cache:   ${directory}`,
    `blobs:   ${blobs}, ${mebibytes(blobBytes)}`,
    `results: ${results}, ${mebibytes(resultBytes)}`,
    ...droppedLines(found),
    ...uses,
    `limits:  ${mebibytes(limits.maxSizeBytes)}, unused for ${ageOf(limits.maxAgeMs)}`,
    ...tableOf(kinds),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function droppedLines({ dropped: { blobs, bytes } }: StoreStatistics): string[] {
  if (blobs === 0) return [];
  return [
    `dropped: ${blobs}, which saves ${mebibytes(bytes)}; made again when something needs them`,
  ];
}

function tableOf(kinds: readonly KindStatistics[]): string[] {
  if (kinds.length === 0) return [];
  const rows = kinds.map(({ kind, blobs, bytes, sharedBytes }) => [
    kind,
    String(blobs),
    mebibytes(bytes),
    mebibytes(sharedBytes),
  ]);
  const table = [["left by", "blobs", "size", "hard-linked"], ...rows];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  return table.map((row) => {
    const [kind = "", ...numbers] = row;
    const padded = numbers.map((text, i) => text.padStart((widths[i + 1] ?? 0) + 2));
    return kind.padEnd(widths[0] ?? 0) + padded.join("");
  });
}

/** Collects now; says what that came to. Throws a StoreError. */
export function collectText({ directory, limits, host, asJson }: CacheRequest): string {
  const store = openStore(directory, host);
  const collected = store.collect(limits);
  store.close();
  if (asJson) return `${JSON.stringify(collected)}\n`;
  if (collected.kind === "nothing-to-do") return "nothing to remove: the cache is within limits\n";
  const { removedBlobs, removedResults, freedBytes, keptBytes } = collected;
  return `removed ${removedBlobs} blobs and ${removedResults} results, ${mebibytes(freedBytes)}; kept ${mebibytes(keptBytes)}\n`;
}

/** Reads all of the cache; says what was not as it should be. Throws a StoreError. */
export function verifyText({ directory, asJson }: CacheRequest): {
  readonly text: string;
  readonly isSound: boolean;
} {
  const found = verifyStore(directory);
  const { blobs, results, damaged } = found;
  const isSound = damaged.length === 0;
  if (asJson) return { text: `${JSON.stringify(found)}\n`, isSound };
  const last = isSound
    ? "all are what their names say"
    : `${damaged.length} were damaged, and are removed`;
  const lines = [...damaged, `${blobs} blobs and ${results} results: ${last}`];
  return { text: lines.map((line) => `${line}\n`).join(""), isSound };
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** In the largest unit of which there is one. */
function ageOf(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
