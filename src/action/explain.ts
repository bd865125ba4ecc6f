// Why a result cannot be used, in words. Knows no key: facts may be those of an older build.

import type { Fact } from "./facts.ts";

/**
 * What is different `now`, a line per fact such as `argv[1]: -O1 => -O2`; empty when nothing is.
 * Digests and long values are cut to where they differ.
 */
export function explainChange(before: readonly Fact[], now: readonly Fact[]): string[] {
  const old = new Map(before);
  const current = new Map(now);
  const names = [...new Set([...current.keys(), ...old.keys()])];
  return names
    .filter((name) => old.get(name) !== current.get(name))
    .map((name) => explainFact(name, old.get(name), current.get(name)));
}

function explainFact(name: string, before: string | undefined, now: string | undefined): string {
  if (before === undefined) return `${name}: ${absent} => ${shortOf(now)}`;
  if (now === undefined) return `${name}: ${shortOf(before)} => ${absent}`;
  if (before.includes("\n") || now.includes("\n")) return explainText(name, before, now);
  const [shortBefore, shortNow] = [withShortDigests(before), withShortDigests(now)];
  if (shortBefore === shortNow) return `${name}: ${before} => ${now}`;
  const start = startOfDifference(shortBefore, shortNow);
  return `${name}: ${cut(shortBefore, start)} => ${cut(shortNow, start)}`;
}

/** The first line that differs, by its number. */
function explainText(name: string, before: string, now: string): string {
  const [old, current] = [before.split("\n"), now.split("\n")];
  const longer = old.length > current.length ? old : current;
  const first = longer.findIndex((_, i) => old[i] !== current[i]);
  return explainFact(`${name} line ${first + 1}`, old[first], current[first]);
}

const absent = "(absent)";

/** The start of `value`, whose other side is absent. */
function shortOf(value = ""): string {
  return cut(withShortDigests(value.split("\n", 1)[0] ?? ""), 0);
}

function withShortDigests(value: string): string {
  return value.replace(/\b([0-9a-f]{8})[0-9a-f]{56}\/\d+/g, "$1…");
}

/** Where two values that differ begin to, with a little before it; 0 for short ones. */
function startOfDifference(a: string, b: string): number {
  if (a.length <= longestShown && b.length <= longestShown) return 0;
  let same = 0;
  while (a[same] === b[same]) same++;
  return Math.max(0, same - 20);
}

function cut(value: string, start: number): string {
  const head = start > 0 ? "…" : "";
  const tail = value.length > start + longestShown ? "…" : "";
  return `${head}${value.slice(start, start + longestShown)}${tail}`;
}

/** In UTF-16 units, so that a line with both sides fits a wide terminal. */
const longestShown = 60;
