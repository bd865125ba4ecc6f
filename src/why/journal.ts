// The last builds of a workspace, each in a file of lines of JSON. Bounded; knows no action.

import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import type { ExecPath } from "../action/action.ts";
import type {
  ActionEntry,
  JournalBegin,
  JournaledBuild,
  JournalEnd,
  JournalLine,
} from "./journal-entry.ts";

/** Writes down one build. What cannot be written is forgotten: it explains, and no more. */
export class Journal {
  readonly #directory: string;
  readonly #begin: () => JournalBegin;
  readonly #processId: number;
  #file: string | undefined;
  #pending = "";
  #isBroken = false;
  readonly #made = new Set<string>();

  /** In `directory`; `begin` is asked when there is something to write down. */
  constructor(directory: string, begin: () => JournalBegin, processId: number) {
    this.#directory = directory;
    this.#begin = begin;
    this.#processId = processId;
  }

  /** Takes in an action that was not up to date, which has these outputs. */
  add(entry: ActionEntry, outputs: readonly string[]): void {
    for (const path of outputs) this.#made.add(path);
    this.#write(entry);
  }

  /** Takes in that the output `path` was laid out, which is no news of what was just made. */
  layOut(path: string): void {
    if (!this.#made.has(path)) this.#write({ kind: "laid-out", path });
  }

  /** Ends it. A build of which nothing was written down leaves nothing, unless `isNotable`. */
  end(end: Omit<JournalEnd, "kind">, { isNotable }: { readonly isNotable: boolean }): void {
    if (this.#file === undefined && !isNotable) return;
    this.#write({ kind: "end", ...end });
    this.#flush();
    this.#prune();
  }

  #write(line: JournalLine): void {
    if (this.#file === undefined) {
      const begin = this.#begin();
      const name = `${String(begin.startedMs).padStart(15, "0")}-${this.#processId}.jsonl`;
      this.#file = join(this.#directory, name);
      this.#pending = `${JSON.stringify(begin)}\n`;
    }
    this.#pending += `${JSON.stringify(line)}\n`;
    if (this.#pending.length > pendingLength) this.#flush();
  }

  #flush(): void {
    const text = this.#pending;
    this.#pending = "";
    if (this.#isBroken || this.#file === undefined) return;
    try {
      mkdirSync(this.#directory, { recursive: true });
      appendFileSync(this.#file, text);
    } catch {
      this.#isBroken = true; // Lines behind a gap would tell another story.
    }
  }

  #prune(): void {
    let sizeBytes = 0;
    for (const [i, file] of journalFiles(this.#directory).entries()) {
      sizeBytes += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      const isKept = i === 0 || (i < keptBuilds && sizeBytes <= keptBytes);
      if (!isKept) rmSync(file, { force: true });
    }
  }
}

/** So many answer "and before that?", and an action that failed for a while. */
const keptBuilds = 32;
const keptBytes = 16 * 2 ** 20;

/** Large enough that a build of many actions writes seldom. */
const pendingLength = 64 * 1024;

/** The builds written down in `directory`, the latest first, each read when it is asked for. */
export function* readJournals(directory: string): Generator<JournaledBuild> {
  for (const file of journalFiles(directory)) {
    const build = readJournal(file);
    if (build !== undefined) yield build;
  }
}

/** The actions whose results some build in `directory` had from a cache. */
export function cacheHitsIn(directory: string): ReadonlySet<ExecPath> {
  const ids = new Set<ExecPath>();
  for (const { actions } of readJournals(directory)) {
    for (const { id, outcome } of actions) {
      if (outcome === "localHit" || outcome === "remoteHit") ids.add(id);
    }
  }
  return ids;
}

/** The latest first. */
function journalFiles(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => /^\d{15}-\d+\.jsonl$/.test(name));
    return names
      .sort()
      .reverse()
      .map((name) => join(directory, name));
  } catch {
    return []; // Nothing was ever written down.
  }
}

function readJournal(file: string): JournaledBuild | undefined {
  const [begin, ...lines] = linesIn(file);
  if (begin?.kind !== "begin" || begin.version !== 1) return undefined;
  const end = lines.find((line) => line.kind === "end");
  return {
    begin,
    actions: lines.filter((line) => line.kind === "action"),
    laidOut: lines.filter((line) => line.kind === "laid-out"),
    ...(end !== undefined && { end }),
  };
}

/** As many as are whole: a build that is killed may leave half a line. */
function linesIn(file: string): readonly JournalLine[] {
  const lines: JournalLine[] = [];
  try {
    for (const line of readFileSync(file, "utf8").split("\n")) {
      if (line !== "") lines.push(JSON.parse(line) as JournalLine); // Ours.
    }
  } catch {
    // What was read until here is true.
  }
  return lines;
}
