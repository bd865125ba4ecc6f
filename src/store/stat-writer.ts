// Writes a stat snapshot: the last one with what changed since. Knows no disk.

import { splitDigest } from "../digest/digest.ts";
import { type StatColumns, newColumns, sealColumns } from "./stat-columns.ts";
import type { StatEntry } from "./stat-entry.ts";
import { type StatSnapshot, racyBit, rangeOf, textStartOf } from "./stat-snapshot.ts";

/** Changes to a snapshot, by directory and name; undefined removes an entry. */
export type StatChanges = ReadonlyMap<string, ReadonlyMap<string, StatEntry | undefined>>;

/** The bytes of `base` with `changes`, and without entries last used before `oldestDay`. */
export function encodeSnapshot(
  base: StatSnapshot,
  changes: StatChanges,
  oldestDay: number,
): Buffer {
  const sections = sectionsOf(base, changes, oldestDay);
  const columns = newColumns({
    entries: sum(sections.map(({ count }) => count)),
    directories: sections.length,
    textBytes: sum(sections.map(({ name, nameBytes }) => nameBytes + Buffer.byteLength(name))),
  });
  const cursor = { entry: 0, text: 0 };
  for (const [index, section] of sections.entries()) {
    if (section.kind === "kept") copySection(base.columns, section, columns, cursor);
    else for (const [name, entry] of section.entries) putEntry(name, entry, columns, cursor);
    columns.entryEnds[index] = cursor.entry;
  }
  for (const [index, { name }] of sections.entries()) {
    cursor.text += columns.text.write(name, cursor.text);
    columns.directoryEnds[index] = cursor.text;
  }
  return sealColumns(columns);
}

/** One directory of the new snapshot. */
type Section = KeptSection | ChangedSection;

interface SectionSize {
  /** The path of the directory. */
  readonly name: string;
  readonly count: number;
  /** UTF-8 bytes of the names of its entries. */
  readonly nameBytes: number;
}

/** As it was: copied in blocks, as decoding all entries at each save would take 200 ms. */
interface KeptSection extends SectionSize {
  readonly kind: "kept";
  readonly first: number;
}

interface ChangedSection extends SectionSize {
  readonly kind: "changed";
  readonly entries: readonly (readonly [name: string, entry: StatEntry])[];
}

/** Where the next entry and the next name go. */
interface Cursor {
  entry: number;
  text: number;
}

function sectionsOf(base: StatSnapshot, changes: StatChanges, oldestDay: number): Section[] {
  const names = new Set([...base.directories.keys(), ...changes.keys()]);
  return [...names]
    .sort()
    .map((name) => sectionOf(base, changes.get(name), { name, oldestDay }))
    .filter(({ count }) => count > 0);
}

function sectionOf(
  base: StatSnapshot,
  changed: ReadonlyMap<string, StatEntry | undefined> | undefined,
  { name, oldestDay }: { name: string; oldestDay: number },
): Section {
  const kept = changed === undefined ? keptSectionOf(base, name, oldestDay) : undefined;
  if (kept !== undefined) return kept;
  const merged = new Map<string, StatEntry | undefined>([
    ...base.entriesOf(name),
    ...(changed ?? []),
  ]);
  const entries = [...merged].flatMap(([file, entry]) =>
    entry === undefined || entry.usedDay < oldestDay ? [] : [[file, entry] as const],
  );
  const nameBytes = sum(entries.map(([file]) => Buffer.byteLength(file)));
  return { kind: "changed", name, count: entries.length, nameBytes, entries };
}

/** The directory as it was; undefined when one of its entries has to go. */
function keptSectionOf(
  { columns, directories }: StatSnapshot,
  name: string,
  oldestDay: number,
): KeptSection | undefined {
  const index = directories.get(name);
  if (index === undefined) return undefined;
  const { first, end } = rangeOf(columns, index);
  for (let at = first; at < end; at++) {
    if ((columns.uses[at] ?? 0) % racyBit < oldestDay) return undefined;
  }
  const nameBytes = textStartOf(columns, end) - textStartOf(columns, first);
  return { kind: "kept", name, count: end - first, nameBytes, first };
}

function copySection(from: StatColumns, section: KeptSection, to: StatColumns, at: Cursor): void {
  const { first, count, nameBytes } = section;
  const end = first + count;
  for (let column = 0; column < 5; column++) {
    const start = column * from.entries;
    to.stats.set(from.stats.subarray(start + first, start + end), column * to.entries + at.entry);
  }
  from.hashes.copy(to.hashes, at.entry * 32, first * 32, end * 32);
  to.modes.set(from.modes.subarray(first, end), at.entry);
  to.uses.set(from.uses.subarray(first, end), at.entry);
  const textStart = textStartOf(from, first);
  from.text.copy(to.text, at.text, textStart, textStart + nameBytes);
  for (let entry = 0; entry < count; entry++) {
    to.nameEnds[at.entry + entry] = (from.nameEnds[first + entry] ?? 0) - textStart + at.text;
  }
  at.entry += count;
  at.text += nameBytes;
}

function putEntry(name: string, entry: StatEntry, to: StatColumns, at: Cursor): void {
  const numbers = [entry.dev, entry.ino, entry.size, entry.mtimeNs, entry.ctimeNs];
  for (const [column, number] of numbers.entries()) {
    to.stats[column * to.entries + at.entry] = number;
  }
  to.hashes.write(splitDigest(entry.digest).hash, at.entry * 32, "hex");
  to.modes[at.entry] = entry.mode;
  to.uses[at.entry] = entry.usedDay + (entry.racy ? racyBit : 0);
  at.text += to.text.write(name, at.text);
  to.nameEnds[at.entry] = at.text;
  at.entry++;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
