// What became of each action when it was last done here. Knows no action cache.

import { appendFileSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";

import type { ExecPath } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import { digestOf } from "../digest/digest.ts";
import { readLines, writeLines } from "../store/line-file.ts";
import { writeError } from "../store/store-error.ts";

/** What a compiler read, by the paths that it sees. */
export interface ReadSet {
  readonly files: readonly ExecPath[];
  /** What was looked for along the search path. */
  readonly searches: readonly HeaderName[];
  /** What those files can see of the header of options; absent: all of it. */
  readonly options?: readonly string[];
  /** Nobody can tell what else was read, or looked for: every input counts. */
  readonly isWhole?: true;
}

/** A name that headers are looked for by. */
export interface HeaderName {
  readonly name: string;
  /** Where it is looked for before all; absent: only along the search path. */
  readonly directory?: ExecPath;
  /** Whether more than the first that is found may be read. */
  readonly isEach?: true;
}

/** The last success of an action. */
export interface ActionRecord {
  readonly id: ExecPath;
  /** Of all that its result depends on; while it stays, so does the result. */
  readonly fingerprint: string;
  /** Of its command: arguments, environment, outputs. */
  readonly command: string;
  /** Of each tool, by name. */
  readonly tools: Readonly<Record<string, string>>;
  /** Of each input, by path; of what a compiler read, options by name among it. */
  readonly inputs: Readonly<Record<ExecPath, string>>;
  readonly outputs: readonly (readonly [ExecPath, Node])[];
  /** Of a compile action: what it read, when it was made. */
  readonly reads?: ReadSet;
  /** How long it ran when it last ran. */
  readonly wallMs: number;
}

/**
 * Records of a workspace, in a file of lines of which the last of each action counts: a checksum,
 * how long the action ran, and the record as JSON. Kept as text, of which a build that changes
 * little looks into little, and which takes a quarter of the memory.
 */
export class Records {
  readonly #path: string;
  readonly #processId: number;
  /** The last line of each action, as read or added. */
  #lines: Map<ExecPath, string> | undefined;
  #lineCount = 0;
  /** Ends what a build left that was killed, as it would take the next line with it. */
  #separator = "";
  readonly #fresh = new Set<ExecPath>();

  /** The file `path` need not be there; it is read at the first look-up. */
  constructor(path: string, processId: number) {
    this.#path = path;
    this.#processId = processId;
  }

  /** The last success of the action `id`; undefined when there is none, or it is not known. */
  of(id: ExecPath): ActionRecord | undefined {
    const line = this.#load().get(id);
    return line === undefined ? undefined : parseLine(line);
  }

  /** How long `id` ran when it last ran, in milliseconds; undefined when that is not known. */
  durationOf(id: ExecPath): number | undefined {
    const line = this.#load().get(id);
    return line === undefined ? undefined : splitLine(line).wallMs;
  }

  /** Takes in a success. */
  add(record: ActionRecord): void {
    this.#load().set(record.id, lineOf(record));
    this.#fresh.add(record.id);
  }

  /** Drops what is known of the actions `ids`, at once. Throws a StoreError. */
  forget(ids: readonly ExecPath[]): void {
    const known = this.#load();
    const gone = ids.filter((id) => known.delete(id));
    if (gone.length === 0) return;
    for (const id of gone) this.#fresh.delete(id);
    try {
      this.#rewrite(known);
    } catch (cause) {
      throw writeError(cause, this.#path);
    }
  }

  /** Writes what was added. Whole lines are appended, so two builds at once lose nothing. */
  save(): void {
    if (this.#fresh.size === 0) return;
    const known = this.#load();
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      if (this.#lineCount + this.#fresh.size > 2 * known.size + 100) this.#rewrite(known);
      else appendFileSync(this.#path, this.#separator + this.#freshText(known));
    } catch (cause) {
      throw writeError(cause, this.#path);
    }
    this.#fresh.clear();
  }

  #rewrite(known: ReadonlyMap<ExecPath, string>): void {
    const draft = `${this.#path}.${this.#processId}`;
    writeLines(draft, known.values());
    renameSync(draft, this.#path);
  }

  #load(): Map<ExecPath, string> {
    if (this.#lines !== undefined) return this.#lines;
    const lines = new Map<ExecPath, string>();
    this.#lines = lines;
    try {
      const rest = readLines(this.#path, (line) => {
        this.#lineCount += 1;
        const id = idIn(line);
        if (id !== undefined) lines.set(id, line);
      });
      if (rest !== "") this.#separator = "\n";
    } catch {
      // Records only save work: without them, the action cache is asked.
    }
    return lines;
  }

  #freshText(known: ReadonlyMap<ExecPath, string>): string {
    return [...this.#fresh].map((id) => `${known.get(id)}\n`).join("");
  }
}

/** A checksum leads each line, as a build that was killed may leave half of one. */
function lineOf({ id, wallMs, ...rest }: ActionRecord): string {
  const body = `${wallMs} ${JSON.stringify({ id, wallMs, ...rest })}`;
  return `${checksumOf(body)} ${body}`;
}

function parseLine(line: string): ActionRecord {
  return JSON.parse(splitLine(line).json) as ActionRecord; // Ours, as the checksum told.
}

function splitLine(line: string): { wallMs: number; json: string } {
  const end = line.indexOf(" ", checksumLength + 1);
  return { wallMs: Number(line.slice(checksumLength + 1, end)), json: line.slice(end + 1) };
}

/** Whose record `line` is; undefined unless it is whole, and written by this version. */
function idIn(line: string): ExecPath | undefined {
  if (line.slice(0, checksumLength) !== checksumOf(line.slice(checksumLength + 1)))
    return undefined;
  const { json } = splitLine(line);
  if (!json.startsWith(idStart)) return undefined;
  // Within a string of JSON there is a backslash before each quote.
  const text = json.slice(idStart.length - 1, json.indexOf('",', idStart.length) + 1);
  return text.includes("\\") ? (JSON.parse(text) as ExecPath) : text.slice(1, -1);
}

const idStart = '{"id":"';

const checksumLength = 8;

function checksumOf(body: string): string {
  return digestOf(body).slice(0, checksumLength);
}
