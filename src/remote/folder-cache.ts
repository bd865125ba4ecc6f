// A remote cache in a folder that machines share, such as one over NFS. Checks nothing.

import { randomUUID } from "node:crypto";
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";

import { type Digest, splitDigest } from "../digest/digest.ts";
import { errorCode } from "../store/store-error.ts";
import type { Attempts } from "./attempts.ts";
import { Patience } from "./patience.ts";
import type { BlobSource, RemoteCache, RemoteOptions } from "./remote-cache.ts";
import { RemoteError, type RemoteErrorKind } from "./remote-error.ts";
import type { RemotePlace } from "./remote-url.ts";

/** Blobs read or written together: file by file, a few at once. */
const batch = { totalBytes: 4 * 1024 ** 2, blobs: 32 };

/** How long a use may go unrecorded: whoever tidies the folder goes by the age of files. */
const touchEveryMs = 86_400_000;

/**
 * Opens the folder: `ac/<2 hex>/<hash>` and `cas/<2 hex>/<hash>`. Any number of machines may use
 * it at once: a file is written under a name that nobody else has, then renamed, which is one
 * moment over NFS as well. `epochMs` is for ages of files.
 */
export function openFolderCache(
  { directory }: Extract<RemotePlace, { kind: "folder" }>,
  { timeoutMs }: Pick<RemoteOptions, "timeoutMs">,
  { attempts, epochMs }: { readonly attempts: Attempts; readonly epochMs: () => number },
): RemoteCache {
  return new FolderCache({ directory, timeoutMs, attempts, epochMs });
}

interface FolderParts {
  readonly directory: string;
  readonly timeoutMs: number;
  readonly attempts: Attempts;
  readonly epochMs: () => number;
}

class FolderCache implements RemoteCache {
  readonly #directory: string;
  readonly #attempts: Attempts;
  readonly #epochMs: () => number;
  readonly #timeoutMs: number;

  constructor({ directory, timeoutMs, attempts, epochMs }: FolderParts) {
    this.#directory = directory;
    this.#timeoutMs = timeoutMs;
    this.#attempts = attempts;
    this.#epochMs = epochMs;
  }

  readonly abilities = () =>
    this.#run(async () => {
      // Made by whoever shares it: a mount that is missing must not become a folder here.
      const found = await stat(this.#directory);
      if (!found.isDirectory()) throw new RemoteError("refused", "it is no directory");
      return { canUpdate: true, batch, asksMany: false, maxBlobBytes: Infinity };
    });

  readonly readResult = (key: Digest) => this.#read(this.#pathOf("ac", key));

  readonly writeResult = (key: Digest, result: Uint8Array): Promise<void> =>
    this.#run(() => this.#writeWhole(this.#pathOf("ac", key), (draft) => writeFile(draft, result)));

  readonly findMissing = async (digests: readonly Digest[]): Promise<readonly Digest[]> => {
    const missing: Digest[] = [];
    for (let start = 0; start < digests.length; start += batch.blobs) {
      const some = digests.slice(start, start + batch.blobs);
      const found = await Promise.all(some.map((digest) => this.#has(digest)));
      missing.push(...some.filter((_, i) => found[i] === false));
    }
    return missing;
  };

  readonly readBatch = async (digests: readonly Digest[]) => {
    const found = await Promise.all(
      digests.map(async (digest) => {
        const { sizeBytes } = splitDigest(digest);
        return [digest, await this.#read(this.#pathOf("cas", digest), sizeBytes)] as const;
      }),
    );
    return new Map(found.flatMap(([digest, bytes]) => (bytes ? [[digest, bytes] as const] : [])));
  };

  readonly writeBatch = async (blobs: ReadonlyMap<Digest, Uint8Array>) => {
    await Promise.all(
      [...blobs].map(([digest, bytes]) =>
        this.#run(() =>
          this.#writeWhole(this.#pathOf("cas", digest), (draft) => writeFile(draft, bytes)),
        ),
      ),
    );
    return [];
  };

  readonly readBlob = (digest: Digest, take: (bytes: Uint8Array) => void): Promise<void> => {
    let taken = 0;
    return this.#run(async (moved) => {
      const file = await open(this.#pathOf("cas", digest), "r");
      try {
        // Half a blob, or anything of any size: what is not that blob is not read.
        const { size } = await file.stat();
        if (size !== splitDigest(digest).sizeBytes) {
          throw new RemoteError("missing", `${digest} has another size`);
        }
        for await (const bytes of piecesOf(file, taken)) {
          moved(bytes.byteLength);
          taken += bytes.byteLength;
          take(bytes);
        }
      } finally {
        await file.close();
      }
    });
  };

  readonly writeBlob = (digest: Digest, source: BlobSource): Promise<void> =>
    this.#run((moved) =>
      // Not `draft.write`, which may take only a part, as on a disk that gets full.
      this.#writeWhole(this.#pathOf("cas", digest), (draft) =>
        writeFile(draft, heard(source(0), moved)),
      ),
    );

  readonly close = (): void => undefined;

  #has(digest: Digest): Promise<boolean> {
    const path = this.#pathOf("cas", digest);
    return this.#run(async () => {
      const found = await ifThere(stat(path));
      // Half a blob may be there after a crash of its server.
      if (found?.size !== splitDigest(digest).sizeBytes) return false;
      if (this.#epochMs() - found.mtimeMs > touchEveryMs) await this.#touch(path);
      return true;
    });
  }

  /** Undefined where there is no such file; nor one of `sizeBytes`, where that is known. */
  #read(path: string, sizeBytes?: number): Promise<Uint8Array | undefined> {
    return this.#run(async () => {
      const found = await ifThere(stat(path));
      if (found === undefined || found.size !== (sizeBytes ?? found.size)) return undefined;
      if (this.#epochMs() - found.mtimeMs > touchEveryMs) await this.#touch(path);
      return await ifThere(readFile(path));
    });
  }

  async #touch(path: string): Promise<void> {
    const nowSeconds = this.#epochMs() / 1000;
    // Another user's file, or a share that is read only: it can be read all the same.
    await utimes(path, nowSeconds, nowSeconds).catch(() => undefined);
  }

  async #writeWhole(path: string, fill: (draft: FileHandle) => Promise<void>): Promise<void> {
    const draft = join(this.#directory, "tmp", randomUUID());
    await mkdir(dirname(draft), { recursive: true });
    try {
      const file = await open(draft, "wx", 0o644);
      try {
        await fill(file);
      } finally {
        await file.close();
      }
      await mkdir(dirname(path), { recursive: true });
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  #run<T>(work: (moved: Moved) => Promise<T>): Promise<T> {
    return this.#attempts.run(() =>
      inTime(this.#timeoutMs, (moved) =>
        work(moved).catch((error: unknown) => Promise.reject(errorOf(error))),
      ),
    );
  }

  #pathOf(kind: "ac" | "cas", digest: Digest): string {
    const { hash } = splitDigest(digest);
    return join(this.#directory, kind, hash.slice(0, 2), hash);
  }
}

/** Hears of bytes that were read or written; throws when it is too late for that. */
type Moved = (bytes: number) => void;

/**
 * What `work` gives, if it does so in time. Nothing ends a call to a mount whose server is gone, so it is
 * left alone: what it does later counts no more.
 */
async function inTime<T>(timeoutMs: number, work: (moved: Moved) => Promise<T>): Promise<T> {
  const late = new RemoteError("timeout", `no answer in ${timeoutMs / 1000} s`);
  let end: () => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(late);
  });
  const patience = new Patience(timeoutMs, () => end());
  const moved = (bytes: number): void => {
    if (patience.isOver) throw late;
    patience.moved(bytes);
  };
  try {
    return await Promise.race([work(moved), ended]);
  } finally {
    patience.end();
  }
}

async function* heard(bytes: AsyncIterable<Uint8Array>, moved: Moved): AsyncIterable<Uint8Array> {
  for await (const piece of bytes) {
    moved(piece.byteLength);
    yield piece;
  }
}

async function* piecesOf(file: FileHandle, start: number): AsyncIterable<Uint8Array> {
  for (let position = start; ; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(1024 ** 2), { position });
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** What `work` gives; undefined when the file is not there. */
async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function errorOf(error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined || !(error instanceof Error)) return error;
  return new RemoteError(kinds.get(code) ?? "refused", error.message, { cause: error });
}

/** ESTALE: the file was replaced over NFS while it was open. */
const kinds: ReadonlyMap<string, RemoteErrorKind> = new Map([
  ["ENOENT", "missing"],
  ["ESTALE", "transient"],
  ["EIO", "transient"],
  ["EBUSY", "transient"],
  ["EAGAIN", "transient"],
  ["EMFILE", "transient"],
  ["ETIMEDOUT", "timeout"],
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EACCES", "denied"],
  ["EPERM", "denied"],
  ["EROFS", "denied"],
]);
