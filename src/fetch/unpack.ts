// Archives → directories. Knows not where an archive came from.

import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { errorCode, readError, StoreError, writeError } from "../store/store-error.ts";
import { type ArchiveFormat, checkedFormat } from "./archive-format.ts";
import { decompressed } from "./decompress.ts";
import { throwIfInterrupted } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import { Account, defaultLimits, type Limits } from "./limits.ts";
import { TarReader } from "./tar-reader.ts";
import { TreeWriter } from "./tree-writer.ts";
import { readZip } from "./zip-reader.ts";

/** How to unpack, where the default is not what is wanted. */
export interface UnpackOptions {
  /**
   * With `single`, the directory that is all there is at the top is left out, and what is in it is
   * laid down; an archive that has more than it is laid down as it is. By default `none`.
   */
  readonly strip?: "single" | "none";
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
  /** Where the programs are that decompress xz, bzip2 and zstd, as in `PATH`. */
  readonly searchPath?: string;
}

/** Where those programs are, for who does not say. */
export const defaultSearchPath = "/usr/local/bin:/usr/bin:/bin";

/**
 * Unpacks the file `archive` to the directory `into`, which must not exist, and does at one moment
 * and whole. Executable bits, symbolic and hard links are kept; times, owners and other modes are
 * not. Without `format`, the archive's first bytes say it. Throws a FetchError, or a StoreError of
 * the disk; then nothing is left.
 */
export async function unpack(
  archive: string,
  format: ArchiveFormat | undefined,
  into: string,
  options: UnpackOptions = {},
): Promise<void> {
  const signal = options.signal ?? new AbortController().signal;
  throwIfInterrupted(signal);
  const draft = `${into}.${randomBytes(6).toString("hex")}.unpacking`;
  try {
    if (lstatSync(into, { throwIfNoEntry: false }) !== undefined) {
      throw new Error(`bug: ${into} is there already`);
    }
    const found = checkedFormat(archive, format);
    const account = new Account(archive, statSync(archive).size, {
      ...defaultLimits,
      ...options.limits,
    });
    mkdirSync(dirname(into), { recursive: true });
    mkdirSync(draft);
    const writer = new TreeWriter(draft, archive, account);
    try {
      if (found === "zip") await readZip(archive, writer, signal);
      else await readTar(archive, writer, { compression: found, options, signal });
    } finally {
      writer.endFile();
    }
    renameSync(`${draft}/${writer.finish(options.strip ?? "none")}`, into);
  } catch (cause) {
    throwIfInterrupted(signal);
    throw ofDisk(cause, archive, into);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function readTar(
  archive: string,
  writer: TreeWriter,
  {
    compression,
    options,
    signal,
  }: {
    readonly compression: Exclude<ArchiveFormat, "zip">;
    readonly options: UnpackOptions;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const reader = new TarReader(writer, archive);
  const searchPath = options.searchPath ?? defaultSearchPath;
  for await (const chunk of decompressed(archive, compression, { signal, searchPath })) {
    reader.push(chunk);
  }
  reader.end();
}

/** What the disk says, as such; it is about the archive when that cannot be read. */
function ofDisk(cause: unknown, archive: string, into: string): unknown {
  if (cause instanceof FetchError || cause instanceof StoreError) return cause;
  if (errorCode(cause) === undefined || !(cause instanceof Error)) return cause;
  const isArchive = "path" in cause && cause.path === archive;
  return isArchive ? readError(cause, archive) : writeError(cause, into);
}
