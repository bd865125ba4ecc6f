// Garbage collection: keeps a store below a size and an age. Knows not what blobs mean.

import { linkSync, lstatSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { Host } from "../base/host.ts";
import { touchEveryMs } from "./blob-shelf.ts";
import type { Dropped } from "./dropped.ts";
import { stampsIn } from "./known-trees.ts";
import type { LiveBuilds } from "./live-builds.ts";
import { removeIncomplete } from "./incomplete-results.ts";
import type { SizeCount, SizeEstimate } from "./size-estimate.ts";
import { type StoredFile, filesIn, namesIn, usedMsOf } from "./store-census.ts";
import type { Temporary } from "./temporary.ts";
import { removeFile } from "./whole-file.ts";

/** What a store may hold. */
export interface StoreLimits {
  /** In bytes on disk. A build that needs more gets more, until it is over. */
  readonly maxSizeBytes: number;
  /** How long a blob or a result is kept that nobody uses. */
  readonly maxAgeMs: number;
  /** Whether what was used of late is kept when no build is at work; absent: yes. */
  readonly sparesRecent?: boolean;
  /** Whether what is half-written is kept all the same, as long as it is recent; absent: no. */
  readonly sparesDrafts?: boolean;
}

/** What garbage collection did. */
export type Collected =
  | { readonly kind: "nothing-to-do" }
  | {
      readonly kind: "collected";
      readonly removedBlobs: number;
      readonly removedResults: number;
      /** On disk, once nothing outside the store links to the blobs. */
      readonly freedBytes: number;
      readonly keptFiles: number;
      readonly keptBytes: number;
    };

/** The parts of a store that its collection works on. */
export interface CollectedStore {
  readonly directory: string;
  readonly temporary: Temporary;
  readonly liveBuilds: LiveBuilds;
  readonly size: SizeEstimate;
  readonly dropped: Dropped;
}

/**
 * Removes what was used least recently until the store is within `limits`, results whose blobs
 * went, and what killed builds left half-written. Builds and other collections may go on
 * meanwhile: nothing is taken that any live build has used, and what one comes to use just now
 * is put back.
 *
 * A use goes unrecorded when the last recorded one is less than `touchEveryMs` ago. So whatever
 * was used since some moment has a recorded use no earlier than `touchEveryMs` before it, and
 * that is what is spared for the oldest live build, and for builds that begin from now on.
 */
export function collectGarbage(
  store: CollectedStore,
  limits: StoreLimits,
  host: Pick<Host, "epochMs">,
): Collected {
  const nowMs = host.epochMs();
  if (!isDue(store.size.read(), limits, nowMs)) return { kind: "nothing-to-do" };

  const oldestMs = store.liveBuilds.oldestStartMs();
  const sparesNothing = limits.sparesRecent === false && oldestMs === undefined;
  const spareSinceMs = sparesNothing
    ? Number.POSITIVE_INFINITY
    : Math.min(nowMs, oldestMs ?? nowMs) - touchEveryMs;
  const files = [...filesIn(store.directory)].sort((a, b) => a.usedMs - b.usedMs);
  const condemned = condemnedOf(files, limits, { nowMs, spareSinceMs });
  const gone = new Set(condemned.filter((file) => retire(file, store.temporary)));
  const remaining = files.filter((file) => !gone.has(file));
  if ([...gone].some(({ kind }) => kind === "blob")) {
    const { directory, dropped } = store;
    for (const result of removeIncomplete(directory, remaining, dropped)) gone.add(result);
  }
  const draftsSinceMs = limits.sparesDrafts === true ? nowMs - touchEveryMs : spareSinceMs;
  removeLeftovers(store.temporary.directory, Math.min(draftsSinceMs, spareSinceMs));
  removeLeftovers(join(store.directory, "stat"), nowMs - limits.maxAgeMs);
  removeLeftovers(stampsIn(store.directory), nowMs - Math.min(limits.maxAgeMs, stampAgeMs));
  return report(store, files, gone, nowMs);
}

/** How long what is known of a tree is kept: where it is in use, it is written anew each hour. */
const stampAgeMs = 86_400_000;

/** How often a store is counted that seems to need nothing: killed builds told nothing of theirs. */
const countEveryMs = 86_400_000;

/**
 * The count of a store that is made at `nowMs`: nobody has to look at all of it to know what its first
 * build put in. It is counted soon, as that build may have been killed.
 */
export function countOfNew(nowMs: number): SizeCount {
  return { sizeBytes: 0, oldestMs: nowMs, countedMs: nowMs - countEveryMs + 600_000 };
}

function isDue(count: SizeCount | undefined, limits: StoreLimits, nowMs: number): boolean {
  return (
    count === undefined ||
    count.sizeBytes > limits.maxSizeBytes ||
    count.oldestMs < nowMs - limits.maxAgeMs ||
    count.countedMs < nowMs - countEveryMs
  );
}

/** Those of `files`, which begin with the least recently used, that have to go. */
function condemnedOf(
  files: readonly StoredFile[],
  { maxSizeBytes, maxAgeMs }: StoreLimits,
  { nowMs, spareSinceMs }: { nowMs: number; spareSinceMs: number },
): StoredFile[] {
  const total = sizeOf(files);
  // A tenth below the limit, as otherwise each build from now on would have to collect again.
  let excess = total > maxSizeBytes ? total - 0.9 * maxSizeBytes : 0;
  const condemned: StoredFile[] = [];
  for (const file of files) {
    const tooOld = file.usedMs < nowMs - maxAgeMs;
    if (file.usedMs >= spareSinceMs || (excess <= 0 && !tooOld)) break;
    condemned.push(file);
    excess -= file.sizeBytes;
  }
  return condemned;
}

/**
 * Removes `file`; false when it was used after all, or cannot be removed. It is renamed first:
 * a build that recorded its use before then is seen by the second stat, and one that tries to
 * after finds the file gone, which it takes for a miss.
 */
function retire(file: StoredFile, temporary: Temporary): boolean {
  const trash = temporary.path();
  try {
    if (isUsedSince(file, file.path)) return false;
    renameSync(file.path, trash);
    const usedAfterAll = isUsedSince(file, trash);
    if (usedAfterAll) putBack(trash, file.path);
    removeFile(trash);
    return !usedAfterAll;
  } catch {
    return false; // Another collector took it, or it may not be removed.
  }
}

function isUsedSince(file: StoredFile, path: string): boolean {
  return usedMsOf(file.kind, lstatSync(path)) > file.usedMs;
}

/** A link, as a rename would replace what another build may have stored there since. */
function putBack(trash: string, path: string): void {
  try {
    linkSync(trash, path);
  } catch {
    // It is there again, or the file system has no links: then it is a miss.
  }
}

/** Removes what is in `directory` and has not been touched since `sinceMs`. */
function removeLeftovers(directory: string, sinceMs: number): void {
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    // The ctime, as a draft that is about to be renamed has the mtime of a blob.
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && stats.ctimeMs < sinceMs)
      rmSync(path, { recursive: true, force: true });
  }
}

function report(
  store: CollectedStore,
  files: readonly StoredFile[],
  gone: ReadonlySet<StoredFile>,
  nowMs: number,
): Collected {
  const kept = files.filter((file) => !gone.has(file));
  const keptBytes = sizeOf(kept);
  const oldestMs = kept[0]?.usedMs ?? nowMs;
  store.size.write({ sizeBytes: keptBytes, oldestMs, countedMs: nowMs });
  const removed = [...gone];
  return {
    kind: "collected",
    removedBlobs: removed.filter(({ kind }) => kind === "blob").length,
    removedResults: removed.filter(({ kind }) => kind === "result").length,
    freedBytes: sizeOf(removed),
    keptFiles: kept.length,
    keptBytes,
  };
}

function sizeOf(files: readonly StoredFile[]): number {
  return files.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}
