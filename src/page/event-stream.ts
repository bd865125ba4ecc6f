import type { ServerResponse } from "node:http";

import type { BuildFeed } from "./build-feed.ts";
import type { PageChange } from "./page-data.ts";

/**
 * Tells `answer` what happens, a list of changes at a time. Many actions end in a moment, and each
 * message costs a browser more than what is in it.
 *
 * Source: the HTML standard, "Server-sent events".
 */
export function openEventStream(answer: ServerResponse, feed: BuildFeed): void {
  answer.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  let pending: PageChange[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    timer = undefined;
    answer.write(`data: ${JSON.stringify(pending)}\n\n`);
    pending = [];
  };
  const unsubscribe = feed.subscribe((change) => {
    pending.push(change);
    timer ??= setTimeout(flush, batchMs);
  });
  // Even an empty list tells that it is connected, and that what was known is to be forgotten.
  timer ??= setTimeout(flush, 0);
  answer.on("close", () => {
    clearTimeout(timer);
    unsubscribe();
  });
}

/** Three frames: nobody sees the difference. */
const batchMs = 50;
