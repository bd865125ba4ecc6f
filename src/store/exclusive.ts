// One process at a time, of all that share a directory. Knows not what they do.

import { linkSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import type { Host } from "../base/host.ts";
import { identityOf, isComparable, readIfThere } from "./process-identity.ts";
import { errorCode, writeError } from "./store-error.ts";
import { makeDirectory, type Temporary } from "./temporary.ts";
import { removeFile } from "./whole-file.ts";

/** What waiting for others takes. */
export interface ExclusiveRequest {
  /** Nobody else who names it is at work while `use` is; absolute. */
  readonly path: string;
  /** On the file system of `path`. */
  readonly temporary: Temporary;
  readonly host: Pick<Host, "epochMs" | "processId">;
  /** Ends after that time, or when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * What `use` gives, once nobody else holds `path`; undefined when the signal aborts before. A
 * holder that was killed holds nothing. Throws a StoreError.
 */
export async function exclusively<T>(
  request: ExclusiveRequest,
  use: () => Promise<T>,
): Promise<T | undefined> {
  const { path, wait, signal } = request;
  makeDirectory(dirname(path));
  while (!take(request)) {
    if (signal.aborted) return undefined;
    if (!isHeld(path, request.host)) giveUp(path, request.temporary);
    else await wait(lookEveryMs, signal);
  }
  try {
    return await use();
  } finally {
    removeFile(path);
  }
}

const lookEveryMs = 100;

/** How long a holder is believed in whose process cannot be asked after. */
const doubtMs = 3_600_000;

/** Whether `path` was free, and is ours now. */
function take({ path, temporary, host }: ExclusiveRequest): boolean {
  const draft = temporary.path();
  try {
    writeFileSync(draft, `${host.processId}\n${identityOf(host.processId)}\n`);
    // A link appears with its text, so nobody sees a holder that is not named yet.
    linkSync(draft, path);
    return true;
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") return false;
    throw writeError(cause, path);
  } finally {
    removeFile(draft);
  }
}

function isHeld(path: string, { epochMs }: Pick<Host, "epochMs">): boolean {
  const text = readIfThere(path);
  if (text === undefined) return false;
  const [processId = "", identity = ""] = text.split("\n");
  const here = identityOf(Number(processId));
  if (isComparable(identity, here)) return identity === here;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && epochMs() - stats.mtimeMs < doubtMs;
}

/** Frees `path`. Of two that do it at once, one may free what a third has just taken: then both work. */
function giveUp(path: string, temporary: Temporary): void {
  const trash = temporary.path();
  try {
    renameSync(path, trash);
    removeFile(trash);
  } catch {
    // Another one did.
  }
}
