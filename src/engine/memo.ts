// What a whole build depended on and left, so that the next one can tell at a glance that there
// is nothing to do. Knows no action: it stands for "the same again", never for a part of it.

import {
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

import type { Host } from "../base/host.ts";
import { digestOf, digestStream } from "../digest/digest.ts";
import type { Label } from "../label/label.ts";
import type { TargetResult } from "../rule/rule.ts";
import { writeError } from "../store/store-error.ts";

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

/** The files of a build, all by absolute path. */
export interface MemoFiles {
  /** Whatever was read, listed, or looked for and not found. */
  readonly sources: Iterable<string>;
  /** Whatever was laid out for the user. */
  readonly outputs: Iterable<string>;
}

/**
 * The memo in the file `path`, if nothing changed that the build of that time depended on or left;
 * undefined when something did, or nobody can tell.
 */
export function readMemo(path: string): Memo | undefined {
  try {
    const text = readFileSync(path, "utf8");
    const end = text.indexOf("\n");
    const { checksum, stamps, ...memo } = JSON.parse(text.slice(0, end)) as Stored;
    const body = text.slice(end + 1);
    // One that was half written must not pass, as its list would be too short.
    if (checksum !== digestOf(body)) return undefined;
    return stampsOf(body.split("\n")) === stamps ? memo : undefined;
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
   * directories, as nothing was touched since. Asked after they were noted.
   */
  readonly areCurrent: (which: "all" | "files") => boolean;
  readonly host: Pick<Host, "epochMs" | "processId">;
}

/**
 * Writes the memo of a build to `path`, unless a source changed meanwhile, or was touched so
 * shortly ago that its times might not show another change. Throws a StoreError.
 */
export function writeMemo(path: string, request: MemoRequest): void {
  const { memo, files, startMs, areCurrent, host } = request;
  // Sources first: one that was touched just now ends the stamping before it comes to outputs.
  const list = [...lines("s", files.sources).sort(), ...lines("o", files.outputs).sort()];
  if (list.some((line) => line.includes("\n"))) return; // No list of lines can hold that name.
  const guardedMs = host.epochMs() - guardMs;
  const untouched = stampsOf(list, Math.min(guardedMs, startMs - clockTickMs));
  const stamps = untouched ?? stampsOf(list, guardedMs);
  if (stamps === undefined || !areCurrent(untouched === undefined ? "all" : "files")) return;
  const body = list.join("\n");
  const header: Stored = { ...memo, checksum: digestOf(body), stamps };
  const draft = `${path}.${host.processId}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, `${JSON.stringify(header)}\n${body}`);
    renameSync(draft, path);
  } catch (cause) {
    throw writeError(cause, path);
  }
}

interface Stored extends Memo {
  /** Of the list of files. */
  readonly checksum: string;
  /** Of the stamps of all files, in the order of the list. */
  readonly stamps: string;
}

/**
 * Two changes closer than this may leave the same times.
 *
 * Source: engines.md §2.3.
 */
const guardMs = 2000;

/** File systems stamp with a clock that ticks more coarsely than that of the process. */
const clockTickMs = 20;

/** A digest of the stamps of `files`; undefined when a source was touched after `beforeMs`. */
function stampsOf(files: readonly string[], beforeMs = Number.POSITIVE_INFINITY) {
  const checksum = digestStream();
  // Numbers, as writing two fractions for each file in digits takes longer than to ask for them.
  const stamps = new Float64Array(filesOfPiece * numbersOfFile);
  let end = 0;
  for (const line of files) {
    // In pieces: one of megabytes would be given back late.
    if (end === stamps.length) {
      checksum.update(bytesOf(stamps));
      end = 0;
    }
    const isOutput = line.startsWith("o");
    const found = statOf(line.slice(1), isOutput ? lstatSync : statSync);
    if (!isOutput && found !== undefined && Math.max(found.mtimeMs, found.ctimeMs) >= beforeMs) {
      return undefined;
    }
    stamps[end] = found?.dev ?? absent;
    stamps[end + 1] = found?.ino ?? absent;
    stamps[end + 2] = found?.size ?? absent;
    stamps[end + 3] = found?.mtimeMs ?? absent;
    // Each further link to a blob moves its ctime; writing moves its mtime, which is a fixed one.
    stamps[end + 4] = (isOutput ? found?.mode : found?.ctimeMs) ?? absent;
    end += numbersOfFile;
  }
  checksum.update(bytesOf(stamps.subarray(0, end)));
  return checksum.digest();
}

const filesOfPiece = 1024;
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
