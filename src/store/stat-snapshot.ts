// Stat entries by directory and name, in one buffer. Knows no disk.

import { parseDigest } from "../digest/digest.ts";
import { type StatColumns, newColumns, readColumns } from "./stat-columns.ts";
import type { StatEntry } from "./stat-entry.ts";

/** Entries as they were when they were last written. Decodes only the directories asked for. */
export class StatSnapshot {
  readonly columns: StatColumns;
  /** The place of each directory in the columns. */
  readonly directories = new Map<string, number>();

  constructor(columns: StatColumns) {
    this.columns = columns;
    let start = columns.nameEnds.at(-1) ?? 0;
    for (const [index, end] of columns.directoryEnds.entries()) {
      this.directories.set(columns.text.toString("utf8", start, end), index);
      start = end;
    }
  }

  /** The entries of `directory` by name; none when it is not known. */
  entriesOf(directory: string): Map<string, StatEntry> {
    const entries = new Map<string, StatEntry>();
    const index = this.directories.get(directory);
    if (index === undefined) return entries;
    const { first, end } = rangeOf(this.columns, index);
    const { text, nameEnds } = this.columns;
    let start = textStartOf(this.columns, first);
    for (let at = first; at < end; at++) {
      const nameEnd = nameEnds[at] ?? start;
      const entry = entryAt(this.columns, at);
      if (entry !== undefined) entries.set(text.toString("utf8", start, nameEnd), entry);
      start = nameEnd;
    }
    return entries;
  }
}

/** The snapshot in `bytes`; an empty one when they are damaged, as a cache may be lost. */
export function decodeSnapshot(bytes: Buffer): StatSnapshot {
  const columns = readColumns(bytes);
  return new StatSnapshot(columns ?? newColumns({ entries: 0, directories: 0, textBytes: 0 }));
}

/** The entries of one directory: from `first`, up to but without `end`. */
export function rangeOf(columns: StatColumns, directory: number): { first: number; end: number } {
  return {
    first: directory === 0 ? 0 : (columns.entryEnds[directory - 1] ?? 0),
    end: columns.entryEnds[directory] ?? 0,
  };
}

/** Where in the text the name of the entry at `at` begins. */
export function textStartOf(columns: StatColumns, at: number): number {
  return at === 0 ? 0 : (columns.nameEnds[at - 1] ?? 0);
}

/** The bit of `uses` that says `racy`. */
export const racyBit = 0x8000_0000;

function entryAt(columns: StatColumns, at: number): StatEntry | undefined {
  const { stats, entries, hashes, modes, uses } = columns;
  const number = (column: number) => stats[column * entries + at] ?? 0n;
  const size = number(2);
  const digest = parseDigest(`${hashes.toString("hex", at * 32, at * 32 + 32)}/${size}`);
  if (digest === undefined) return undefined;
  return {
    dev: number(0),
    ino: number(1),
    size,
    mtimeNs: number(3),
    ctimeNs: number(4),
    mode: modes[at] ?? 0,
    digest,
    racy: (uses[at] ?? 0) >= racyBit,
    usedDay: (uses[at] ?? 0) % racyBit,
  };
}
