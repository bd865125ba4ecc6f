// What the page says, in words.

import type { PageState } from "../page-data.ts";

/** States as people read them, each with a sign for who sees no colours. */
export const stateWords: Readonly<Record<PageState, readonly [sign: string, word: string]>> = {
  idle: ["·", "not in the last build"],
  waiting: ["○", "waiting"],
  running: ["▶", "running"],
  upToDate: ["=", "up to date"],
  localHit: ["↺", "from the local cache"],
  remoteHit: ["⇣", "from the remote cache"],
  executed: ["✓", "run"],
  failed: ["✕", "failed"],
  skipped: ["–", "skipped"],
};

/** In the order of a legend. */
export const shownStates: readonly PageState[] = [
  "running",
  "executed",
  "localHit",
  "remoteHit",
  "upToDate",
  "waiting",
  "failed",
  "skipped",
];

/** `340 ms`, `1.2 s`, `3 min 5 s`. */
export function formatMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `1 action`, `3 actions`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** `text` in at most `length` letters, less its beginning: ends of paths say more. */
export function cutStart(text: string, length: number): string {
  return text.length <= length ? text : `…${text.slice(text.length - Math.max(1, length - 1))}`;
}
