// The CAS, the action cache and what keeps them small, in one directory. Knows no graph.

import { hash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Host } from "../base/host.ts";
import { type ActionCache, openActionCache } from "./action-cache.ts";
import { shardName } from "./blob-shelf.ts";
import type { Cas } from "./cas.ts";
import { openCas } from "./disk-cas.ts";
import type { Digest } from "../digest/digest.ts";
import { type Collected, type StoreLimits, collectGarbage, countOfNew } from "./collect.ts";
import { type DropResult, dropBlobs } from "./drop.ts";
import { Dropped } from "./dropped.ts";
import { type LiveBuild, LiveBuilds } from "./live-builds.ts";
import { SizeEstimate } from "./size-estimate.ts";
import { type StatCache, openStatCache } from "./stat-cache.ts";
import { writeError } from "./store-error.ts";
import { openTemporary } from "./temporary.ts";
import { shardCount } from "./tree-stamp.ts";

/** A store that any number of builds may share, on one machine. */
export interface Store {
  /** Absolute when it was opened so. */
  readonly directory: string;
  readonly cas: Cas;
  readonly actionCache: ActionCache;
  /** What is known of the files below the absolute path `root`, such as those of a workspace. */
  openStatCache(root: string, options?: { readonly check?: "stat" | "content" }): StatCache;
  /**
   * To be called before the first use in a build: until its `end`, nothing that is used is
   * collected. A watch begins a new one for each round, or nothing could ever be collected.
   */
  beginBuild(): LiveBuild;
  /** Removes what is too much or too old. A store that is within `limits` costs one small read. */
  collect(limits: StoreLimits): Collected;
  /** About how much it holds, on disk; undefined before anybody counted. */
  sizeBytes(): number | undefined;
  /** Removes blobs that can be made again; see `dropBlobs`. Throws a StoreError. */
  drop(digests: Iterable<Digest>): DropResult;
  /** Removes everything, or while builds are at work, as much as `collect` may. Throws a StoreError. */
  empty(): Collected;
  /** Writes down what the next `collect` of any process needs to know. Throws a StoreError. */
  close(): void;
}

/** Opens the store in `directory`, and makes it when missing. Throws a StoreError. */
export function openStore(directory: string, host: Pick<Host, "epochMs" | "processId">): Store {
  const isNew = isMade(directory);
  const temporary = openTemporary(join(directory, "tmp"));
  const liveBuilds = new LiveBuilds(join(directory, "running"), temporary, host);
  const size = new SizeEstimate(join(directory, "size"), temporary);
  if (isNew) size.write(countOfNew(host.epochMs()));
  const added = (sizeBytes: number) => size.add(sizeBytes);
  const dropped = new Dropped(directory, temporary);
  const parts = { directory, temporary, liveBuilds, size, dropped };
  const { epochMs } = host;
  const cas = openCas(directory, { epochMs, added });
  return {
    directory,
    cas,
    actionCache: openActionCache(join(directory, "ac"), { epochMs, added, cas, temporary }),
    openStatCache: (root, options) => {
      const path = join(directory, "stat", hash("sha256", root).slice(0, 32));
      return openStatCache(path, { epochMs, cas, temporary, ...options });
    },
    beginBuild: () => liveBuilds.begin(),
    sizeBytes: () => size.read()?.sizeBytes,
    collect: (limits) => collectGarbage(parts, limits, host),
    drop: (digests) => dropBlobs(parts, digests),
    empty: () => {
      return collectGarbage(parts, { maxSizeBytes: 0, maxAgeMs: 0, sparesRecent: false }, host);
    },
    close: () => size.flush(),
  };
}

/**
 * Makes a store in `directory`, unless one is there, on other threads while the caller goes on: a new
 * one takes long to fill when each blob needs a directory first. What cannot be made is told by
 * whoever needs it.
 */
export async function prepareStore(
  directory: string,
  host: Pick<Host, "epochMs" | "processId">,
): Promise<void> {
  const blobs = join(directory, "cas");
  if (existsSync(blobs)) return;
  try {
    openStore(directory, host);
    mkdirSync(blobs);
    const shards = Array.from({ length: shardCount }, (_, shard) => join(blobs, shardName(shard)));
    // Those that somebody needed sooner are there.
    await Promise.allSettled(shards.map((shard) => mkdir(shard)));
  } catch {
    // Another build is at it, or the disk is full or another user's.
  }
}

/** Whether there was no `directory` until now. Throws a StoreError. */
function isMade(directory: string): boolean {
  try {
    return mkdirSync(directory, { recursive: true }) !== undefined;
  } catch (cause) {
    throw writeError(cause, directory);
  }
}
