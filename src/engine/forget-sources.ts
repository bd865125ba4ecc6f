// What was fetched, forgotten: the next build fetches it anew. Knows no lock file's text.

import { join } from "node:path";

import { actionId, type FetchAction } from "../action/action.ts";
import { isPinned } from "../action/remote-source.ts";
import type { Host } from "../base/host.ts";
import { openStore } from "../store/store.ts";
import { keyOfRun } from "./key-of-run.ts";
import { type LockBook, pinnedAction } from "./lock-book.ts";
import { mountedAction } from "./mounted.ts";
import { Records } from "./records.ts";
import type { Repository } from "./repository.ts";

/** What to forget, and as what it was known. */
export interface ForgetRequest {
  readonly fetches: readonly FetchAction[];
  readonly book: Pick<LockBook, "pinned">;
  readonly host: Host;
}

/**
 * Those of `fetches` of which the cache had the result, which it has no more. Blobs stay until the
 * cache is collected, as a build may use them just now. Throws a StoreError.
 */
export function forgetSources(
  { root, settings }: Repository,
  { fetches, book, host }: ForgetRequest,
): readonly FetchAction[] {
  const { values } = settings;
  const store = openStore(values["cache.dir"].value, host);
  const context = {
    toolchain: { identities: new Map<string, string>() },
    // A fetch reads nothing.
    inputs: { openTree: () => new Map() },
    scope: values["remote.scope"].value,
  };
  const forgotten = fetches.filter((fetch) => {
    const action = pinnedAction(fetch, book);
    if (!isPinned(action.source)) return false;
    return store.actionCache.remove(keyOfRun(mountedAction(action), [], context).digest);
  });
  new Records(join(root, ".kraft", "records"), host.processId).forget(fetches.map(actionId));
  store.close();
  return forgotten;
}
