import { join } from "node:path";

import type { Host } from "../base/host.ts";
import { removeTree } from "../sandbox/remove-tree.ts";
import { openStore } from "../store/store.ts";

const stateNames = [
  "out",
  "before",
  "memo",
  "plan",
  "records",
  "logs",
  "trees",
  "sources",
  "sandbox",
  "why",
  "layers",
];

/** Removes all that builds left in the workspace `root` but its cache. Throws a StoreError. */
export function cleanWorkspace(root: string): void {
  for (const name of stateNames) {
    removeTree(join(root, ".kraft", name));
  }
}

/**
 * Empties the cache in `directory` of what no running build uses; gives what that freed, in
 * bytes. Throws a StoreError.
 */
export function emptyCache(directory: string, host: Pick<Host, "epochMs" | "processId">): number {
  const store = openStore(directory, host);
  const collected = store.empty();
  store.close();
  return collected.kind === "collected" ? collected.freedBytes : 0;
}
