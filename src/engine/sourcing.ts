// Whether a source may be asked for. Asks for none.

import type { FetchAction } from "../action/action.ts";
import { describeSource, isPinned } from "../action/remote-source.ts";
import type { Fetching } from "./fetching.ts";
import type { LockBook } from "./lock-book.ts";

/** What a build does about sources. */
export interface Sourcing {
  readonly book: LockBook;
  readonly fetching: Fetching;
  /** Whether what is not in the lock file is refused. */
  readonly isLocked: boolean;
  /** Whether what is not in the cache is refused. */
  readonly isOffline: boolean;
}

/** Why a source is not even asked for. */
export interface SourceRefusal {
  readonly code: "bad-lock" | "not-locked" | "not-cached";
  readonly message: string;
  readonly help: string;
}

/** Why an action whose result is not known is not carried out; undefined when it is. */
export function refusalOf(
  { source }: FetchAction,
  { book, fetching, isLocked, isOffline }: Sourcing,
): SourceRefusal | undefined {
  const shown = describeSource(source);
  if (isPinned(source) && !isOffline) return undefined;
  if (!isPinned(source) && !book.isSound()) {
    const message = `nobody can tell what ${shown} is, as kraft.lock.yaml has mistakes`;
    return { code: "bad-lock", message, help: "correct it first" };
  }
  if (!isPinned(source) && (isLocked || isOffline)) {
    const message = `${shown} is not in kraft.lock.yaml`;
    return { code: "not-locked", message, help: '"kraft-graph lock" adds it' };
  }
  if (!isOffline || fetching.isVendored(source)) return undefined;
  const message = `${shown} is not in the cache, and the build is offline`;
  return { code: "not-cached", message, help: "build once without --offline" };
}
