// Blobs named by their digest, as others see them. Knows not what they mean nor who needs them.

import type { BigIntStats } from "node:fs";

import type { TreeNode } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { BlobFile } from "./blob-shelf.ts";

/**
 * A content-addressed store on disk: `cas/<2 hex>/<SHA-256>`, and the same with `.x` for a blob
 * that is to be executable, as the hard links to one file share its mode.
 *
 * Any number of processes may use it at once, and any may be killed: a blob is written under
 * another name, then renamed. Nothing is synced to the disk, which would make each small blob
 * five times as dear: after a loss of power a blob may be torn, and its size, mtime or digest
 * shows it. Methods may throw a StoreError; a blob that is missing or damaged is not an error.
 */
export interface Cas {
  /** Whether the blob is there and looks whole. */
  has(digest: Digest): boolean;
  /** Whether all blobs of the tree are there and look whole, and its own. */
  hasTree(tree: TreeNode): boolean;
  /** The bytes, checked against `digest`; undefined when missing. For blobs that fit in memory. */
  read(digest: Digest): Buffer | undefined;
  /** Where the blob is, to be read only; undefined when missing. */
  pathOf(file: BlobFile): string | undefined;
  /** Where the blob is, in whichever form, to be read only; undefined when missing. */
  locate(digest: Digest): string | undefined;
  /** The digest of the blob whose SHA-256 is `hash`; undefined when missing. */
  digestOfHash(hash: string): Digest | undefined;
  /** Stores `bytes`; `known` is their digest, for who has just hashed them. */
  put(bytes: Uint8Array, known?: Digest): Digest;
  /**
   * Stores `bytes`, which nobody has looked at, as `file`; false when they are another blob. Those of a
   * large one must stay as they are until then.
   */
  putUnchecked(bytes: Uint8Array, file: BlobFile): Promise<boolean>;
  /** Stores the regular file `path`; throws for a symbolic link, which is never followed. */
  importFile(path: string, options: ImportOptions): BlobFile;
  /**
   * Stores the regular file `path`, which stays where it is as a hard link to the blob. Undefined
   * where that is not possible, as for what is no such file; one may have been made read-only then.
   */
  shareFile(path: string): SharedFile | undefined;
  /**
   * Makes the new file `destination`: a hard link to the blob, or a sealed copy where the file
   * system allows no link. False when the blob is missing.
   */
  link(file: BlobFile, destination: string): boolean;
  /** As `link`, but always a copy, with permission bits `mode`. */
  copy(file: BlobFile, destination: string, mode: number): boolean;
  /** Whether `stats` are of a hard link to the blob that nobody has written to. */
  isLink(file: BlobFile, stats: BigIntStats): boolean;
  /** A fresh path on the store's file system: a file made there is imported without a copy. */
  temporaryPath(): string;
}

/** How to import a file. */
export interface ImportOptions {
  /** The file is given away and is gone afterwards, which saves a copy where that is possible. */
  readonly move: boolean;
}

/** A file that is a blob as well. */
export interface SharedFile {
  readonly file: BlobFile;
  /** Where the blob is, to be read only. */
  readonly blobPath: string;
}
