// What a whole build depended on and left, so that the next one can tell at a glance that there
// is nothing to do. Knows no action: it stands for "the same again", never for a part of it.

import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

import { coarsestTickMs, kernelTickMs } from "../base/file-clock.ts";
import type { Host } from "../base/host.ts";
import type { Label } from "../label/label.ts";
import type { TargetResult } from "../rule/rule.ts";
import type { FileStamp } from "../store/stat-entry.ts";
import { writeError } from "../store/store-error.ts";
import type { MemoPlace } from "./memo-path.ts";

/** What a build came to. */
export interface Memo {
  /** How many actions it had. */
  readonly actions: number;
  readonly packages: number;
  readonly targets: number;
  /** Of the targets that were asked for, sorted by label. */
  readonly results: readonly (readonly [Label, MemoResult])[];
}

/** The parts of a result that commands need. */
export type MemoResult = Pick<TargetResult, "outputs" | "layout" | "machine">;

/** What a stat said of the source at an absolute path; undefined when it is none, or is not there. */
export type Noted = (path: string) => FileStamp | undefined;

/** The files of a build, all by absolute path. */
export interface MemoFiles {
  /** Whatever was read, listed, or looked for and not found. */
  readonly sources: Iterable<string>;
  /** Whatever was laid out for the user. */
  readonly outputs: Iterable<string>;
}

/**
 * The memo at `path`, if it is one of `request` and nothing changed that the build of that time
 * depended on or left; undefined when something did, or nobody can tell.
 */
export function readMemo({ path, request }: Omit<MemoPlace, "root">): Memo | undefined {
  try {
    const bytes = readFileSync(path);
    const listAt = bytes.indexOf("\n") + 1;
    const { asked, listBytes, ...memo } = JSON.parse(bytes.toString("utf8", 0, listAt)) as Stored;
    if (asked !== request) return undefined;
    const stampsAt = listAt + listBytes;
    const files = bytes.toString("utf8", listAt, stampsAt).split("\n");
    // One of which the disk lost a part must not pass: there are zeros then, which no path has.
    if (bytes.subarray(0, stampsAt).includes(0)) return undefined;
    const stamps = stampsOf(files);
    return stamps && bytesOf(stamps).equals(bytes.subarray(stampsAt)) ? memo : undefined;
  } catch {
    return undefined; // Absent, or from another version: it only saves work.
  }
}

/** What writing a memo takes. */
export interface MemoRequest {
  readonly memo: Memo;
  readonly files: MemoFiles;
  /** A moment before the build read the first of them that `areCurrent` tells of; since 1970. */
  readonly startMs: number;
  /**
   * Whether sources are as they were when the build read them; `files`: only those that are no
   * directories, as nothing was touched since. Asked after they were noted; `noted` gives what a stat,
   * which follows links, has just said of a source.
   */
  readonly areCurrent: (which: "all" | "files", noted: Noted) => boolean;
  readonly host: Pick<Host, "epochMs" | "processId">;
}

/**
 * Writes the memo of a build to its place, unless a source changed meanwhile, or was touched so
 * shortly ago that its times might not show another change. Throws a StoreError.
 */
export function writeMemo(place: Omit<MemoPlace, "root">, request: MemoRequest): void {
  const { path } = place;
  const { memo, files, startMs, areCurrent, host } = request;
  // Sources first: one that was touched just now ends the stamping before it comes to outputs.
  const list = [...lines("s", files.sources).sort(), ...lines("o", files.outputs).sort()];
  if (list.some((line) => line.includes("\n"))) return; // No list of lines can hold that name.
  const guardedMs = host.epochMs() - coarsestTickMs;
  const untouched = stampsOf(list, Math.min(guardedMs, startMs - kernelTickMs));
  const stamps = untouched ?? stampsOf(list, guardedMs);
  if (stamps === undefined) return;
  if (!areCurrent(untouched === undefined ? "all" : "files", notedIn(list, stamps))) return;
  const body = list.join("\n");
  const header: Stored = { ...memo, asked: place.request, listBytes: Buffer.byteLength(body) };
  const draft = `${path}.${host.processId}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, `${JSON.stringify(header)}\n${body}`);
    appendFileSync(draft, bytesOf(stamps));
    renameSync(draft, path);
  } catch (cause) {
    throw writeError(cause, path);
  }
}

/** The first line of the file; the list of files comes next, and then their stamps. */
interface Stored extends Memo {
  /** What the build was asked for. */
  readonly asked: string;
  readonly listBytes: number;
}

/** The stamps of `files`; undefined when a source was touched after `beforeMs`. */
function stampsOf(files: readonly string[], beforeMs = Number.POSITIVE_INFINITY) {
  const stamps = new Float64Array(files.length * numbersOfFile);
  let end = 0;
  for (const line of files) {
    const isOutput = line.startsWith("o");
    const found = statOf(line.slice(1), isOutput ? lstatSync : statSync);
    if (!isOutput && found !== undefined && Math.max(found.mtimeMs, found.ctimeMs) >= beforeMs) {
      return undefined;
    }
    stamps[end++] = found?.dev ?? absent;
    stamps[end++] = found?.ino ?? absent;
    stamps[end++] = found?.size ?? absent;
    stamps[end++] = found?.mtimeMs ?? absent;
    // Each further link to a blob moves its ctime; writing moves its mtime, which is a fixed one.
    stamps[end++] = (isOutput ? found?.mode : found?.ctimeMs) ?? absent;
  }
  return stamps;
}

/** Gives the stamps of the sources among `files`. */
function notedIn(files: readonly string[], stamps: Float64Array): Noted {
  const places = new Map(files.map((line, at) => [line, at]));
  return (path) => {
    const at = places.get(`s${path}`);
    if (at === undefined) return undefined;
    const [dev = absent, ino = absent, size = absent, mtimeMs = absent, ctimeMs = absent] =
      stamps.subarray(at * numbersOfFile, (at + 1) * numbersOfFile);
    return dev === absent ? undefined : { dev, ino, size, mtimeMs, ctimeMs };
  };
}

/** Device, inode, size, mtime, and ctime or mode. */
const numbersOfFile = 5;
/** Each number of a file that is not there: no device has it. */
const absent = -1;

function bytesOf(numbers: Float64Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function statOf(path: string, stat: typeof statSync): Stats | undefined {
  try {
    return stat(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // A loop of links, or a directory that is closed: nothing to be read there.
  }
}

function lines(sign: string, paths: Iterable<string>): string[] {
  return [...new Set(paths)].map((path) => `${sign}${path}`);
}
