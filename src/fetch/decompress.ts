// A compressed file → its bytes. Knows no archive.

import { spawn } from "node:child_process";
import { closeSync, createReadStream, openSync } from "node:fs";
import { createGunzip, type ZlibOptions } from "node:zlib";

import { errorCode } from "../store/store-error.ts";
import type { ArchiveFormat } from "./archive-format.ts";
import { FetchError } from "./fetch-error.ts";

/** What goes around an archive that is one stream. */
export type Compression = Exclude<ArchiveFormat, "zip">;

/** Large, so that reading, decompressing and writing files go on side by side. */
const chunkBytes = 1 << 20;

/** Node takes the options of streams here, though its types do not say so. */
const gunzipOptions: ZlibOptions & { readonly highWaterMark: number } = {
  chunkSize: chunkBytes,
  highWaterMark: 8 * chunkBytes,
};

/** The bytes of the file `path`, decompressed. Throws a FetchError when they are not well formed. */
export async function* decompressed(
  path: string,
  compression: Compression,
  { signal, searchPath }: { readonly signal: AbortSignal; readonly searchPath: string },
): AsyncGenerator<Uint8Array> {
  const filter = filters[compression];
  if (filter !== undefined) yield* filtered(path, filter, { signal, searchPath });
  else if (compression === "tar")
    yield* createReadStream(path, { highWaterMark: chunkBytes, signal });
  else yield* gunzipped(path, signal);
}

async function* gunzipped(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: chunkBytes, signal });
  const gunzip = createGunzip(gunzipOptions);
  file.on("error", (error) => gunzip.destroy(error));
  try {
    yield* file.pipe(gunzip);
  } catch (cause) {
    if (errorCode(cause)?.startsWith("Z_") !== true) throw cause;
    throw broken(path, cause instanceof Error ? cause.message : "", cause);
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

/** A program that gives on its output what it has on its input, packed in another way. */
export interface Filter {
  readonly program: string;
  readonly args: readonly string[];
  /** What Debian and most others call the package it is in. */
  readonly package: string;
}

/** Memory is bounded where a file says how much of it is needed. */
const filters: Readonly<Partial<Record<Compression, Filter>>> = {
  "tar.xz": {
    program: "xz",
    args: ["--decompress", "--stdout", "--quiet", "--memlimit-decompress=1GiB"],
    package: "xz-utils",
  },
  "tar.bz2": { program: "bzip2", args: ["-d", "-c"], package: "bzip2" },
  "tar.zst": {
    program: "zstd",
    args: ["--decompress", "--stdout", "--quiet", "--no-progress", "--memory=1024MB"],
    package: "zstd",
  },
};

const outputLimit = 2_000;

/** What `filter` makes of the file `path`. Throws a FetchError when it is not there, or fails. */
export async function* filtered(
  path: string,
  filter: Filter,
  { signal, searchPath }: { readonly signal: AbortSignal; readonly searchPath: string },
): AsyncGenerator<Uint8Array> {
  const descriptor = openSync(path, "r");
  const child = spawn(filter.program, filter.args, {
    env: { PATH: searchPath, LC_ALL: "C" },
    stdio: [descriptor, "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  });
  closeSync(descriptor);
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("bug: both are pipes");
  let complaint = "";
  stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text.slice(0, outputLimit - complaint.length);
  });
  const end = new Promise<Error | number | null>((resolve) => {
    child.once("error", resolve);
    child.once("close", resolve);
  });
  try {
    yield* stdout.iterator({ destroyOnReturn: true });
    const result = await end;
    if (result instanceof Error) throw missing(path, filter, result);
    if (result !== 0) throw broken(path, complaint.trim().split("\n")[0] ?? "", undefined);
  } finally {
    if (child.pid !== undefined && child.exitCode === null) child.kill("SIGKILL");
  }
}

function missing(path: string, filter: Filter, cause: Error): Error {
  if (errorCode(cause) !== "ENOENT") return cause;
  return new FetchError("missing-program", `${path} needs ${filter.program} to be unpacked`, {
    help: `install the package ${filter.package}`,
    cause,
  });
}

function broken(path: string, reason: string, cause: unknown): FetchError {
  const because = reason === "" ? "" : ` (${reason})`;
  return new FetchError("broken-archive", `${path} is cut off or damaged${because}`, { cause });
}
