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
  /** Whether sources are as they were when the build read them. Asked after they were noted. */
  readonly areCurrent: () => boolean;
  readonly host: Pick<Host, "epochMs" | "processId">;
}

/**
 * Writes the memo of a build to `path`, unless a source changed meanwhile, or was touched so
 * shortly ago that its times might not show another change. Throws a StoreError.
 */
export function writeMemo(path: string, { memo, files, areCurrent, host }: MemoRequest): void {
  // Sources first: one that was touched just now ends the stamping before it comes to outputs.
  const list = [...lines("s", files.sources).sort(), ...lines("o", files.outputs).sort()];
  if (list.some((line) => line.includes("\n"))) return; // No list of lines can hold that name.
  const stamps = stampsOf(list, host.epochMs() - guardMs);
  if (stamps === undefined || !areCurrent()) return;
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

/** A digest of the stamps of `files`; undefined when a source was touched after `beforeMs`. */
function stampsOf(files: readonly string[], beforeMs = Number.POSITIVE_INFINITY) {
  const checksum = digestStream();
  let stamps = "";
  for (const line of files) {
    // In pieces: one of megabytes would be given back late.
    if (stamps.length > pieceLength) {
      checksum.update(Buffer.from(stamps));
      stamps = "";
    }
    const isOutput = line.startsWith("o");
    const found = statOf(line.slice(1), isOutput ? lstatSync : statSync);
    if (found === undefined) stamps += "-\n";
    else if (isOutput) {
      // Each further link to a blob moves its ctime; writing moves its mtime, which is a fixed one.
      stamps += `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs} ${found.mode}\n`;
    } else {
      if (found.mtimeMs >= beforeMs || found.ctimeMs >= beforeMs) return undefined;
      stamps += `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}\n`;
    }
  }
  checksum.update(Buffer.from(stamps));
  return checksum.digest();
}

const pieceLength = 64 * 1024;

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
