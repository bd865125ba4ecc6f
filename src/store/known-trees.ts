// Which trees were found to be there whole, so that not each of their blobs is looked at each time.
// Knows not what trees are for.

import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { TreeNode } from "../action/result.ts";
import { coarsestTickMs } from "../base/file-clock.ts";
import type { Host } from "../base/host.ts";
import { type Digest, digestOf, splitDigest } from "../digest/digest.ts";
import { type BlobShelf, shardName, touchEveryMs } from "./blob-shelf.ts";
import type { Cas } from "./cas.ts";
import { StoreError } from "./store-error.ts";
import type { Temporary } from "./temporary.ts";
import { directoriesOf } from "./tree-message.ts";
import {
  blobTable,
  decodeStamp,
  digestsIn,
  encodeStamp,
  type ShardState,
  shardCount,
  shardStarts,
  type TreeStamp,
} from "./tree-stamp.ts";
import { writeWhole } from "./whole-file.ts";

/** What looking at trees takes. */
export interface KnownTreesParts extends Pick<Host, "epochMs"> {
  /** Of the store. */
  readonly directory: string;
  readonly shelf: BlobShelf;
  readonly temporary: Temporary;
  readonly read: Cas["read"];
}

/**
 * Trees all of whose blobs are there: a file `complete/<name of the tree>` each, with the state of
 * each directory of blobs from before they were looked at. No blob can go, whoever takes it,
 * without its directory getting another ctime; so only what is in those that changed since is
 * looked at again. Nobody who removes blobs has to know of this.
 *
 * A use that is not written down is one that need not be: as with a single blob, no use on record
 * is older than `touchEveryMs` then. What a blob is inside is not looked at, as nowhere else
 * before it is used: who finds it damaged removes it.
 */
export class KnownTrees {
  readonly #parts: KnownTreesParts;

  constructor(parts: KnownTreesParts) {
    this.#parts = parts;
  }

  /** Whether `tree` is so small that looking at its blobs costs no more than looking here. */
  isSmall({ tree }: TreeNode): boolean {
    return splitDigest(tree).sizeBytes < smallestBytes;
  }

  /** Whether all that `tree` needs is there. */
  has(tree: TreeNode): boolean {
    const path = this.#pathOf(tree);
    const known = readStamp(path);
    const blobs = known?.blobs ?? this.#blobsOf(tree);
    if (blobs === undefined) return false;
    const found = this.#look(blobs, known);
    if (found !== undefined && found !== known) this.#write(path, found);
    return found !== undefined;
  }

  /** What is to be noted of `blobs`: `known` when that is as good; undefined when one is not there. */
  #look(blobs: Buffer, known: TreeStamp | undefined): TreeStamp | undefined {
    const nowMs = this.#parts.epochMs();
    const isFresh = known !== undefined && Math.abs(nowMs - known.usedMs) < touchEveryMs;
    const starts = shardStarts(blobs);
    let usedMs = isFresh ? known.usedMs : nowMs;
    let isBetter = !isFresh;
    const shards: (ShardState | undefined)[] = [];
    for (let shard = 0; shard < shardCount; shard++) {
      const [start = 0, end = 0] = starts.slice(shard, shard + 2);
      const state = start === end ? undefined : this.#stateOf(shard, nowMs);
      shards.push(state);
      if (start === end || (isFresh && isSame(known.shards[shard], state))) continue;
      const oldestMs = this.#oldestUse(digestsIn(blobs, start, end));
      if (oldestMs === undefined) return undefined;
      usedMs = Math.min(usedMs, oldestMs);
      isBetter ||= state !== undefined;
    }
    return isBetter ? { usedMs, shards, blobs } : known;
  }

  /** The oldest use on record of `digests`, now that they were used; undefined when one is gone. */
  #oldestUse(digests: Iterable<Digest>): number | undefined {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const digest of digests) {
      const usedMs = this.#parts.shelf.use(digest, renewEveryMs);
      if (usedMs === undefined) return undefined;
      oldestMs = Math.min(oldestMs, usedMs);
    }
    return oldestMs;
  }

  /** Undefined when it changed so lately that a change just after could have left the same ctime. */
  #stateOf(shard: number, nowMs: number): ShardState | undefined {
    const path = join(this.#parts.directory, "cas", shardName(shard));
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const { ino, ctimeNs } = stats;
    return Number(ctimeNs / 1_000_000n) < nowMs - coarsestTickMs ? { ino, ctimeNs } : undefined;
  }

  /** Undefined when the tree itself is gone. */
  #blobsOf(tree: TreeNode): Buffer | undefined {
    const directories = directoriesOf(tree, this.#parts);
    if (directories === undefined) return undefined;
    const all = [...directories.values()].flatMap(({ files }) => files);
    return blobTable([tree.tree, ...all.map(({ digest }) => digest)]);
  }

  #write(path: string, stamp: TreeStamp): void {
    try {
      writeWhole(this.#parts.temporary, path, encodeStamp(stamp));
    } catch (error) {
      // It only saves work, and the store may be another user's.
      if (!(error instanceof StoreError)) throw error;
    }
  }

  /** By both digests of a node: one Tree may be given for a directory that is not in it. */
  #pathOf({ root, tree }: TreeNode): string {
    const name = splitDigest(digestOf(`${root} ${tree}`)).hash.slice(0, 32);
    return join(stampsIn(this.#parts.directory), name);
  }
}

/** Where the store in `directory` has what is known of trees. */
export function stampsIn(directory: string): string {
  return join(directory, "complete");
}

/** About 200 files, which are looked at in two milliseconds. */
const smallestBytes = 16_384;

/** Blobs whose use is about to be too old are renewed with the others, all at one time. */
const renewEveryMs = touchEveryMs / 2;

function isSame(known: ShardState | undefined, now: ShardState | undefined): boolean {
  return known !== undefined && known.ino === now?.ino && known.ctimeNs === now.ctimeNs;
}

function readStamp(path: string): TreeStamp | undefined {
  try {
    return decodeStamp(readFileSync(path));
  } catch {
    return undefined;
  }
}
