// Where the space of a store goes. Uses nothing, so that looking keeps nothing alive.

import { lstatSync, readFileSync } from "node:fs";

import { emptyDigest, type Digest, splitDigest } from "../digest/digest.ts";
import type { ActionResult, Node } from "../action/result.ts";
import { decodeEntry } from "./action-cache.ts";
import { droppedIn } from "./dropped.ts";
import { diskSizeOf } from "./size-estimate.ts";
import { filesIn, type StoredFile } from "./store-census.ts";
import { directoriesOf } from "./tree-message.ts";

/** Blobs that one kind of action left. */
export interface KindStatistics {
  /**
   * The mnemonic of the actions; `streams` for what actions printed, `unknown` for what results of
   * an older version name, `unnamed` for what no result names, as lists of source directories.
   */
  readonly kind: string;
  readonly blobs: number;
  /** On disk. */
  readonly bytes: number;
  /** Of `bytes`, what outputs and sandboxes have by hard links: it is freed only with those. */
  readonly sharedBytes: number;
}

/** What is in a store. */
export interface StoreStatistics {
  /** The largest first. */
  readonly kinds: readonly KindStatistics[];
  readonly blobs: number;
  readonly blobBytes: number;
  readonly results: number;
  readonly resultBytes: number;
  /** Blobs that results name and that were removed on purpose; their size is what that saves. */
  readonly dropped: { readonly blobs: number; readonly bytes: number };
  /** Since 1970; absent: the store is empty. */
  readonly oldestUseMs?: number;
  readonly newestUseMs?: number;
}

/** Counts the store at `directory`. Throws a StoreError. */
export function storeStatistics(directory: string): StoreStatistics {
  const files = [...filesIn(directory)];
  const blobs = files.filter(({ kind }) => kind === "blob");
  const results = files.filter(({ kind }) => kind === "result");
  const kinds = kindsOf(results, blobs);
  const totals = new Map<string, Omit<KindStatistics, "kind">>();
  for (const { path, hash, sizeBytes } of blobs) {
    const kind = kinds.get(hash) ?? "unnamed";
    const known = totals.get(kind) ?? { blobs: 0, bytes: 0, sharedBytes: 0 };
    const isShared = (lstatSync(path, { throwIfNoEntry: false })?.nlink ?? 0) > 1;
    totals.set(kind, {
      blobs: known.blobs + 1,
      bytes: known.bytes + sizeBytes,
      sharedBytes: known.sharedBytes + (isShared ? sizeBytes : 0),
    });
  }
  let [oldestUseMs, newestUseMs] = [Number.POSITIVE_INFINITY, 0];
  for (const { usedMs } of files) {
    oldestUseMs = Math.min(oldestUseMs, usedMs);
    newestUseMs = Math.max(newestUseMs, usedMs);
  }
  return {
    kinds: [...totals]
      .map(([kind, total]) => ({ kind, ...total }))
      .sort((a, b) => b.bytes - a.bytes || (a.kind < b.kind ? -1 : 1)),
    blobs: blobs.length,
    blobBytes: sizeOf(blobs),
    results: results.length,
    resultBytes: sizeOf(results),
    dropped: droppedFrom(directory, { kinds, blobs }),
    ...(files.length > 0 && { oldestUseMs, newestUseMs }),
  };
}

function droppedFrom(
  directory: string,
  {
    kinds,
    blobs,
  }: { readonly kinds: ReadonlyMap<string, string>; readonly blobs: readonly StoredFile[] },
): StoreStatistics["dropped"] {
  const there = new Set(blobs.map(({ hash }) => hash));
  const gone = [...droppedIn(directory)].filter(([hash]) => kinds.has(hash) && !there.has(hash));
  const bytes = gone.map(([, digest]) => diskSizeOf(splitDigest(digest).sizeBytes));
  return { blobs: gone.length, bytes: bytes.reduce((sum, size) => sum + size, 0) };
}

function sizeOf(files: readonly StoredFile[]): number {
  return files.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}

/** The kind of each blob that some result names, by its hash. The first of several counts. */
function kindsOf(
  results: readonly StoredFile[],
  blobs: readonly StoredFile[],
): ReadonlyMap<string, string> {
  const kinds = new Map<string, string>();
  const paths = new Map(blobs.map(({ hash, path }) => [hash, path]));
  const note = (digest: Digest, kind: string): void => {
    const { hash } = splitDigest(digest);
    if (digest !== emptyDigest && !kinds.has(hash)) kinds.set(hash, kind);
  };
  const streams: Digest[] = [];
  // By name, as directories are listed in any order.
  for (const { path, hash } of results.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))) {
    const result = readResult(path, hash);
    if (result === undefined) continue;
    const kind = result.mnemonic ?? "unknown";
    // Of a sub-build, these are outputs of actions that have entries of their own.
    const nodes = kind === "SubBuild" ? [] : result.outputs.values();
    for (const node of nodes) noteNode(node, { kind, note, paths });
    if (kind === "Manifest" || kind === "SubBuild") note(result.stdout, kind);
    streams.push(result.stdout, result.stderr);
  }
  for (const digest of streams) note(digest, "streams");
  return kinds;
}

function noteNode(
  node: Node,
  work: {
    readonly kind: string;
    readonly note: (digest: Digest, kind: string) => void;
    readonly paths: ReadonlyMap<string, string>;
  },
): void {
  const { kind, note, paths } = work;
  if (node.kind === "file") note(node.digest, kind);
  if (node.kind !== "tree") return;
  note(node.tree, kind);
  const read = (digest: Digest) => bytesOf(paths.get(splitDigest(digest).hash));
  for (const { files } of directoriesOf(node, { read })?.values() ?? []) {
    for (const { digest } of files) note(digest, kind);
  }
}

function readResult(path: string, name: string): ActionResult | undefined {
  const bytes = bytesOf(path);
  return bytes && decodeEntry(bytes, name);
}

/** Undefined when a collection was faster. */
function bytesOf(path: string | undefined): Buffer | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path);
  } catch {
    return undefined;
  }
}
