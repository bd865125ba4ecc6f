// What became of each action when it was last done here. Knows no action cache.

import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import type { ExecPath } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import { digestOf } from "../digest/digest.ts";
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

/** Records of a workspace, in a file of lines of JSON of which the last of each action counts. */
export class Records {
  readonly #path: string;
  readonly #processId: number;
  #records: Map<ExecPath, ActionRecord> | undefined;
  #lines = 0;
  /** Ends what a build left that was killed, as it would take the next line with it. */
  #separator = "";
  readonly #fresh = new Map<ExecPath, ActionRecord>();

  /** The file `path` need not be there; it is read at the first look-up. */
  constructor(path: string, processId: number) {
    this.#path = path;
    this.#processId = processId;
  }

  /** The last success of the action `id`; undefined when there is none, or it is not known. */
  of(id: ExecPath): ActionRecord | undefined {
    return this.#fresh.get(id) ?? this.#load().get(id);
  }

  /** Takes in a success. */
  add(record: ActionRecord): void {
    this.#fresh.set(record.id, record);
  }

  /** Writes what was added. Whole lines are appended, so two builds at once lose nothing. */
  save(): void {
    if (this.#fresh.size === 0) return;
    const known = this.#load();
    for (const [id, record] of this.#fresh) known.set(id, record);
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      if (this.#lines + this.#fresh.size > 2 * known.size + 100) this.#rewrite(known);
      else appendFileSync(this.#path, this.#separator + linesOf(this.#fresh.values()));
    } catch (cause) {
      throw writeError(cause, this.#path);
    }
    this.#fresh.clear();
  }

  #rewrite(records: ReadonlyMap<ExecPath, ActionRecord>): void {
    const draft = `${this.#path}.${this.#processId}`;
    writeFileSync(draft, linesOf(records.values()));
    renameSync(draft, this.#path);
  }

  #load(): Map<ExecPath, ActionRecord> {
    if (this.#records !== undefined) return this.#records;
    this.#records = new Map();
    const [rest = "", ...lines] = linesIn(this.#path).reverse();
    if (rest !== "") this.#separator = "\n";
    for (const line of lines.reverse()) {
      this.#lines += 1;
      const record = parseLine(line);
      if (record !== undefined) this.#records.set(record.id, record);
    }
    return this.#records;
  }
}

function linesOf(records: Iterable<ActionRecord>): string {
  return [...records].map((record) => lineOf(record)).join("");
}

/** A checksum leads each line, as a build that was killed may leave half of one. */
function lineOf(record: ActionRecord): string {
  const json = JSON.stringify(record);
  return `${checksumOf(json)} ${json}\n`;
}

function parseLine(line: string): ActionRecord | undefined {
  const json = line.slice(checksumLength + 1);
  if (line.slice(0, checksumLength) !== checksumOf(json)) return undefined;
  return JSON.parse(json) as ActionRecord; // Ours, as the checksum tells.
}

const checksumLength = 8;

function checksumOf(json: string): string {
  return digestOf(json).slice(0, checksumLength);
}

function linesIn(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return []; // Records only save work: without them, the action cache is asked.
  }
}
