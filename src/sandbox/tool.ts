// Which programs of the machine an action uses, so that a new compiler makes new keys.

import { type BigIntStats, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import type { Digest } from "../digest/digest.ts";
import { backgroundBytes, digestsInBackground } from "../store/background-digest.ts";
import { digestOfDescriptor, withReading } from "../store/file-digest.ts";
import { errorCode, readError } from "../store/store-error.ts";
import { findProgram } from "./program-file.ts";
import {
  VersionQuestions,
  compilerFactsOf,
  isCompiler,
  neighboursOf,
  switchStateOf,
} from "./tool-questions.ts";

/** A program, by what can change its outputs. All but `file` belongs into keys. */
export interface ToolIdentity {
  /** The absolute path, behind all symbolic links. */
  readonly file: string;
  readonly digest: Digest;
  /** The first line of what it says about its version; empty when it says nothing. */
  readonly versionText: string;
  /** What a C compiler compiles for, such as `x86_64-linux-gnu`; absent for other programs. */
  readonly machine?: string;
  /** Programs that a C compiler runs, and files that it links, by name; absent for other programs. */
  readonly parts?: Readonly<Record<string, Digest>>;
}

/**
 * What is known about programs, to be kept from one build to the next as JSON. While the files
 * are as they were, their identity is told without starting or reading anything.
 */
export type ToolCache = Record<string, CachedTool>;

/** One entry of a {@link ToolCache}. */
export interface CachedTool {
  readonly identity: ToolIdentity;
  /** Size, mtime and ctime of each file that counts, by its path. */
  readonly stamps: Readonly<Record<string, string>>;
  /** For each part: what the compiler called it, and which file that was. */
  readonly parts: Readonly<Record<string, ToolPart>>;
}

/** A program that a compiler runs. */
export interface ToolPart {
  /** As the compiler told: an absolute path, or a name to be looked up in PATH. */
  readonly told: string;
  readonly file: string;
}

/** Where to look, and where to remember. */
export interface ToolOptions {
  /** PATH of the actions. */
  readonly path: string;
  /** Is added to. */
  readonly cache: ToolCache;
  /** Digests of files that several programs have as parts, by path and stamp; is added to. */
  readonly digests?: Map<string, Promise<Digest>>;
  /** Asks programs that are examined at the same time by one shell; absent: each by itself. */
  readonly versions?: VersionQuestions;
}

/**
 * The program that actions get for `name`; undefined when there is none. Throws a StoreError when
 * it cannot be read.
 */
export async function toolIdentity(
  name: string,
  { path, cache, digests = new Map(), versions = new VersionQuestions(path) }: ToolOptions,
): Promise<ToolIdentity | undefined> {
  const program = findProgram(name, path, "/");
  if (program === undefined) return undefined;
  const key = `${program} ${path}`;
  const cached = cache[key];
  if (cached !== undefined && isCurrent(cached, program, path)) return cached.identity;
  const fresh = await examine(program, { path, digests, versions });
  // When something was replaced meanwhile, what was found out may not belong together.
  if (isCurrent(fresh, program, path)) cache[key] = fresh;
  return fresh.identity;
}

async function examine(
  program: string,
  { path, digests: known, versions }: Omit<Required<ToolOptions>, "cache">,
): Promise<CachedTool> {
  const file = realpathSync(program);
  const stamps: Record<string, string> = { [file]: stampOf(file) };
  const digest = digestOfFile(file);
  if (!isCompiler(basename(program))) {
    const versionText = await versions.versionOf(program);
    const state = switchStateOf(program);
    if (state === undefined) return { identity: { file, digest, versionText }, stamps, parts: {} };
    stamps[state] = stampOf(state);
    const parts = { "opam switch": digestOfFile(state) };
    return { identity: { file, digest, versionText, parts }, stamps, parts: {} };
  }
  const version = versions.versionOf(program);
  const { machine, parts: named } = await compilerFactsOf(program, path);
  const parts: Record<string, ToolPart> = {};
  for (const [name, told] of Object.entries(named)) {
    const part = fileOf(told, path);
    if (part === undefined) continue;
    parts[name] = { told, file: part };
    stamps[part] ??= stampOf(part);
  }
  digestAll(
    Object.values(parts).map((part) => part.file),
    { stamps, known },
  );
  const digests: Record<string, Digest> = {};
  for (const [name, part] of Object.entries(parts)) {
    const digest = known.get(keyFor(part.file, stamps));
    if (digest !== undefined) digests[name] = await digest;
  }
  const { directory = "", names = [] } = neighboursOf(file) ?? {};
  if (directory !== "") stamps[directory] = stampOf(directory);
  for (const name of names) {
    const neighbour = join(directory, name);
    stamps[neighbour] = stampOf(neighbour);
    digests[`lib/${name}`] = digestOfFile(neighbour);
  }
  const versionText = await version;
  return { identity: { file, digest, versionText, machine, parts: digests }, stamps, parts };
}

/** Whether the same files would be found as they were. */
function isCurrent({ identity, stamps, parts }: CachedTool, program: string, path: string) {
  if (fileOf(program, path) !== identity.file) return false;
  if (Object.entries(stamps).some(([file, stamp]) => stampOf(file) !== stamp)) return false;
  return Object.values(parts).every(({ told, file }) => fileOf(told, path) === file);
}

/** The file behind what a compiler or PATH tells. */
function fileOf(told: string, path: string): string | undefined {
  const program = findProgram(told, path, "/");
  return program === undefined ? undefined : realpathSync(program);
}

/** Of a file, in bytes; 0 when there is none. */
function sizeIn(stamp = ""): number {
  return Number(stamp.split(" ")[0]);
}

/** Empty when there is no such file. */
function stampOf(file: string): string {
  const stats: BigIntStats | undefined = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? "" : `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
}

/** Programs of a compiler are large, and compilers of several languages share them. */
interface Known {
  readonly stamps: Readonly<Record<string, string>>;
  readonly known: Map<string, Promise<Digest>>;
}

/** Begins to find out about those of `files` of which nothing is known. */
function digestAll(files: Iterable<string>, { stamps, known }: Known): void {
  const unknown = [...new Set(files)].filter((file) => !known.has(keyFor(file, stamps)));
  const large = unknown.filter((file) => sizeIn(stamps[file]) >= backgroundBytes);
  const coming = digestsInBackground(large);
  for (const file of unknown) {
    const digest = asReadLater(file, coming[large.indexOf(file)] ?? digestNow(file));
    // It is thrown where somebody asks for it.
    digest.catch(() => undefined);
    known.set(keyFor(file, stamps), digest);
  }
}

async function digestNow(file: string): Promise<Digest> {
  return withReading(file, digestOfDescriptor);
}

async function asReadLater(file: string, digest: Promise<Digest>): Promise<Digest> {
  try {
    return await digest;
  } catch (cause) {
    throw asReadError(cause, file);
  }
}

function keyFor(file: string, stamps: Known["stamps"]): string {
  return `${file} ${stamps[file]}`;
}

function asReadError(cause: unknown, file: string): unknown {
  return errorCode(cause) === undefined ? cause : readError(cause, file);
}

function digestOfFile(file: string): Digest {
  try {
    return withReading(file, digestOfDescriptor);
  } catch (cause) {
    throw asReadError(cause, file);
  }
}
