import type { PageRun } from "../page-data.ts";
import type { GraphIndex } from "./graph-index.ts";

/** A run that is over, and of which it is known when it began. */
export type TimedRun = PageRun & { readonly startMs: number; readonly wallMs: number };

/** Whether it can be seen on a timeline. */
export function isTimed(run: PageRun): run is TimedRun {
  return run.startMs !== undefined && run.wallMs !== undefined && run.wallMs > 0;
}

/**
 * What a build waited for: from the action that ended last, back through the input that each had to
 * wait for longest, or the action that listed it, the first one first.
 */
export function criticalPathOf(
  runs: readonly TimedRun[],
  { placeOf, needs, nodes }: GraphIndex,
): TimedRun[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const path: TimedRun[] = [];
  let last = latest(runs);
  while (last !== undefined && !path.includes(last)) {
    path.push(last);
    const place = placeOf.get(last.id);
    const needed = (place === undefined ? [] : needs[place]!).map((need) => nodes[need]!.id);
    const before = last.yieldedBy === undefined ? needed : [...needed, last.yieldedBy];
    last = latest(before.flatMap((id) => byId.get(id) ?? []));
  }
  return path.reverse();
}

function latest(runs: readonly TimedRun[]): TimedRun | undefined {
  let last: TimedRun | undefined;
  for (const run of runs) if (last === undefined || endOf(run) > endOf(last)) last = run;
  return last;
}

/** When it ended, in milliseconds since its build began. */
export function endOf({ startMs, wallMs }: TimedRun): number {
  return startMs + wallMs;
}

/** `runs` in rows, none of which has two at once: as many as ran at the same time. */
export function rowsOf(runs: readonly TimedRun[]): TimedRun[][] {
  const rows: { runs: TimedRun[]; endMs: number }[] = [];
  for (const run of [...runs].sort((a, b) => a.startMs - b.startMs)) {
    // Clocks of processes tell less than a millisecond of when one made room for the next.
    const free = rows.find(({ endMs }) => endMs <= run.startMs + 1);
    if (free === undefined) rows.push({ runs: [run], endMs: endOf(run) });
    else {
      free.runs.push(run);
      free.endMs = endOf(run);
    }
  }
  return rows.map((row) => row.runs);
}
