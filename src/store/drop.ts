// Removes blobs that can be made again, while no build is at work. Knows not what they mean.

import { linkSync, lstatSync, renameSync, type Stats } from "node:fs";
import { join } from "node:path";

import { type Digest, emptyDigest } from "../digest/digest.ts";
import { formPathsOf } from "./blob-shelf.ts";
import type { CollectedStore } from "./collect.ts";
import { diskSizeOf } from "./size-estimate.ts";
import type { Temporary } from "./temporary.ts";
import { removeFile } from "./whole-file.ts";

/** What dropping came to. */
export interface DropResult {
  readonly blobs: number;
  /** On disk. */
  readonly freedBytes: number;
}

/**
 * Removes those of `digests` that are there; results that name them stay, and are kept by later
 * collections. Nothing happens while a build is at work, as it may have counted on them; one that
 * begins meanwhile gets them back. What has a hard link elsewhere stays, as that would free nothing.
 */
export function dropBlobs(store: CollectedStore, digests: Iterable<Digest>): DropResult {
  const { liveBuilds, dropped, temporary, size } = store;
  const nothing = { blobs: 0, freedBytes: 0 };
  if (liveBuilds.oldestStartMs() !== undefined) return nothing;
  const blobs = [...new Set(digests)].filter((digest) => digest !== emptyDigest);
  const found = blobs.map((digest) => ({ digest, paths: formsOf(store.directory, digest) }));
  const droppable = found.filter(({ paths }) => paths.length > 0);
  // Before they go: if this process is killed then, their results are not taken for damaged.
  dropped.add(droppable.map(({ digest }) => digest));
  const moved = droppable.flatMap(({ paths }) => paths.flatMap((path) => moveOff(path, temporary)));
  if (liveBuilds.oldestStartMs() !== undefined) {
    for (const { path, trash } of moved) putBack(trash, path);
    return nothing;
  }
  for (const { trash } of moved) removeFile(trash);
  const freedBytes = moved.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  size.remove(freedBytes);
  return { blobs: droppable.length, freedBytes };
}

/** Where the blob is; nothing when one of its files is linked to from outside. */
function formsOf(directory: string, digest: Digest): string[] {
  const paths = formPathsOf(join(directory, "cas"), digest);
  const forms = paths.map((form) => ({ form, stats: statsOf(form) }));
  if (forms.some(({ stats }) => (stats?.nlink ?? 0) > 1)) return [];
  return forms.filter(({ stats }) => stats !== undefined).map(({ form }) => form);
}

function moveOff(path: string, temporary: Temporary) {
  const trash = temporary.path();
  const stats = statsOf(path);
  if (stats === undefined) return [];
  try {
    renameSync(path, trash);
    return [{ path, trash, sizeBytes: diskSizeOf(stats.size) }];
  } catch {
    return []; // A collector was faster, or it is another user's.
  }
}

/** A link, as a rename would replace what another build may have stored there since. */
function putBack(trash: string, path: string): void {
  try {
    linkSync(trash, path);
  } catch {
    // It is there again, or the file system has no links: then it is made again.
  }
  removeFile(trash);
}

function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
