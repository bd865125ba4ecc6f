// The builds that were written down for `why` → what the page shows of them. Builds nothing.

import type { ActionEntry, JournaledBuild } from "../why/journal-entry.ts";
import { describeCause } from "../why/words.ts";
import type { PageBuild, PageRun, PageWhy } from "./page-data.ts";

/** What the page shows of `builds`, the latest first. */
export function pageBuildsOf(builds: readonly JournaledBuild[]): readonly PageBuild[] {
  return builds.map(({ begin, actions, end }) => ({
    startedMs: begin.startedMs,
    patterns: begin.patterns,
    ...(end !== undefined && { ok: end.ok }),
    counts: end?.counts ?? countsOf(actions),
  }));
}

/** Of a build that was cut off. */
function countsOf(actions: readonly ActionEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of actions) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** What the actions of `build` did, in the order in which they ended. */
export function pageRunsOf({ begin, actions }: JournaledBuild): readonly PageRun[] {
  return actions.flatMap((entry) => {
    const { id, mnemonic, subject, owner, outcome, wallMs, endedMs, causes, yieldedBy } = entry;
    if (outcome === "differs") return [];
    const endMs = endedMs === undefined ? undefined : Math.max(0, endedMs - begin.startedMs);
    return [
      {
        id,
        mnemonic,
        subject,
        owner,
        state: outcome,
        ...(endMs !== undefined && { startMs: Math.max(0, endMs - wallMs) }),
        wallMs,
        reasons: causes.map(describeCause),
        ...(yieldedBy !== undefined && { yieldedBy }),
      },
    ];
  });
}

/** Of each action that a build was about: when it was last not up to date, and why. */
export function whysIn(builds: readonly JournaledBuild[]): ReadonlyMap<string, PageWhy> {
  const whys = new Map<string, PageWhy>();
  for (const { begin, actions } of builds) {
    for (const { id, outcome, wallMs, causes, key } of actions) {
      if (whys.has(id) || outcome === "differs") continue;
      whys.set(id, {
        startedMs: begin.startedMs,
        outcome,
        wallMs,
        reasons: causes.map(describeCause),
        ...(key !== undefined && { key }),
      });
    }
  }
  return whys;
}
