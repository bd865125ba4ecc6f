// Blobs on disk, each in a file that is named by its digest. Knows not what they mean nor who needs them.

import { type BigIntStats, linkSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { TreeNode } from "../action/result.ts";
import { type Digest, digestOf, emptyDigest, splitDigest } from "../digest/digest.ts";
import { type BlobFile, BlobShelf } from "./blob-shelf.ts";
import { BlobWriter, type CasHost } from "./blob-writer.ts";
import type { Cas, ImportOptions, SharedFile } from "./cas.ts";
import { isTreeComplete } from "./completeness.ts";
import { KnownTrees } from "./known-trees.ts";
import { isSealed, sealedMode } from "./seal.ts";
import { StoreError, errorCode, isLinkRefusal, readError, writeError } from "./store-error.ts";
import { type Temporary, openTemporary } from "./temporary.ts";
import { removeFile, writeAll } from "./whole-file.ts";

/** Opens the CAS in `directory`, and makes it when missing. */
export function openCas(directory: string, host: CasHost): Cas {
  return new DiskCas(directory, host);
}

class DiskCas implements Cas {
  readonly #shelf: BlobShelf;
  readonly #temporary: Temporary;
  readonly #writer: BlobWriter;
  readonly #trees: KnownTrees;

  constructor(directory: string, host: CasHost) {
    this.#shelf = new BlobShelf(join(directory, "cas"), host);
    this.#temporary = openTemporary(join(directory, "tmp"));
    this.#writer = new BlobWriter(this.#shelf, this.#temporary, host);
    const [shelf, temporary, { epochMs }] = [this.#shelf, this.#temporary, host];
    const read = (digest: Digest) => this.read(digest);
    this.#trees = new KnownTrees({ directory, shelf, temporary, epochMs, read });
  }

  has(digest: Digest): boolean {
    // By REAPI the empty blob always exists; `#formOf` makes it when someone wants its file.
    return digest === emptyDigest || this.#shelf.find(digest) !== undefined;
  }

  hasTree(tree: TreeNode): boolean {
    return this.#trees.isSmall(tree) ? isTreeComplete(tree, this) : this.#trees.has(tree);
  }

  read(digest: Digest): Buffer | undefined {
    if (digest === emptyDigest) return Buffer.alloc(0);
    const file = this.#shelf.find(digest);
    if (file === undefined) return undefined;
    const path = this.#shelf.pathOf(file);
    const bytes = ifThere(path, () => readBlob(path));
    if (bytes === undefined || digestOf(bytes) === digest) return bytes;
    this.#shelf.discard(file);
    return undefined;
  }

  pathOf(file: BlobFile): string | undefined {
    const path = this.#shelf.pathOf(file);
    if (this.#shelf.holds(file)) return path;
    const other = this.#formOf(file.digest);
    if (other === undefined) return undefined;
    return other.executable === file.executable || this.#copyForm(other) ? path : undefined;
  }

  locate(digest: Digest): string | undefined {
    const file = this.#formOf(digest);
    return file === undefined ? undefined : this.#shelf.pathOf(file);
  }

  digestOfHash(hash: string): Digest | undefined {
    return this.#shelf.digestOfHash(hash);
  }

  put(bytes: Uint8Array, known?: Digest): Digest {
    // What most programs print: it is not hashed twice for each of them.
    if (bytes.byteLength === 0) return emptyDigest;
    const digest = known ?? digestOf(bytes);
    if (!this.has(digest)) this.#write(digest, bytes);
    return digest;
  }

  async putUnchecked(bytes: Uint8Array, file: BlobFile): Promise<boolean> {
    if (bytes.byteLength >= worthSharingBytes) return this.#writer.writeElsewhere(bytes, file);
    if (digestOf(bytes) !== file.digest) return false;
    if (!this.#shelf.holds(file)) this.#write(file.digest, bytes, file.executable);
    return true;
  }

  importFile(path: string, { move }: ImportOptions): BlobFile {
    if (!move) return this.#writer.copy(path);
    const adopted = this.#writer.move(path);
    if (adopted !== undefined) return adopted;
    const file = this.#writer.copy(path);
    removeFile(path);
    return file;
  }

  shareFile(path: string): SharedFile | undefined {
    const file = this.#writer.share(path);
    return file && { file, blobPath: this.#shelf.pathOf(file) };
  }

  link(file: BlobFile, destination: string): boolean {
    const path = this.pathOf(file);
    if (path === undefined) return false;
    try {
      linkSync(path, destination);
      return true;
    } catch (cause) {
      // A collector may have taken it since.
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
      if (!isLinkRefusal(cause)) throw writeError(cause, destination);
    }
    return this.copy(file, destination, sealedMode(file.executable));
  }

  copy(file: BlobFile, destination: string, mode: number): boolean {
    const path = this.pathOf(file);
    if (path === undefined) return false;
    const copied = ifThere(path, () => this.#writer.copyOut(file, destination, mode));
    if (copied === file.digest) return true;
    removeFile(destination);
    if (copied !== undefined) this.#shelf.discard(file);
    return false;
  }

  isLink(file: BlobFile, stats: BigIntStats): boolean {
    const { sizeBytes } = splitDigest(file.digest);
    if (!isSealed(stats, sizeBytes, file.executable)) return false;
    const options = { bigint: true, throwIfNoEntry: false } as const;
    const blob = lstatSync(this.#shelf.pathOf(file), options);
    return blob !== undefined && blob.ino === stats.ino && blob.dev === stats.dev;
  }

  temporaryPath(): string {
    return this.#temporary.path();
  }

  #write(digest: Digest, bytes: Uint8Array, executable = false): void {
    this.#writer.write(executable, (draft) => {
      writeAll(draft, bytes);
      return digest;
    });
  }

  /** A form of the blob that is there and whole, for making the other one of it. */
  #formOf(digest: Digest): BlobFile | undefined {
    const found = this.#shelf.find(digest);
    if (found !== undefined || digest !== emptyDigest) return found;
    this.#write(digest, new Uint8Array(0));
    return this.#shelf.find(digest);
  }

  /** Makes the other form of the blob `from`; false when `from` is gone or damaged. */
  #copyForm(from: BlobFile): boolean {
    const path = this.#shelf.pathOf(from);
    const copy = ifThere(path, () => this.#writer.copy(path, !from.executable));
    if (copy !== undefined && copy.digest !== from.digest) this.#shelf.discard(from);
    return copy?.digest === from.digest;
  }
}

/** From where on it takes longer to write a blob than to have another thread do it. */
const worthSharingBytes = 64 * 1024;

/** What `use` gives; undefined when the blob at `path`, which it reads, was removed just now. */
function ifThere<T>(path: string, use: () => T): T | undefined {
  try {
    return use();
  } catch (cause) {
    const gone = cause instanceof StoreError && errorCode(cause.cause) === "ENOENT";
    if (gone && cause.path === path) return undefined;
    throw cause;
  }
}

function readBlob(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw readError(cause, path);
  }
}
