/** An action that is over, by times in microseconds. */
export interface Ended {
  readonly name: string;
  readonly startUs: number;
  readonly endUs: number;
  /** On which it ran; 0 when it did not, as its result was known. */
  readonly row: number;
  /** The action that it waited for last. */
  readonly after: string | undefined;
}

/** The chain of actions that decided how long all took, the first one first; none that did not run. */
export function criticalPathOf(ended: ReadonlyMap<string, Ended>): readonly Ended[] {
  let last: Ended | undefined;
  for (const one of ended.values()) {
    if (one.row !== 0 && one.endUs >= (last?.endUs ?? 0)) last = one;
  }
  const path: Ended[] = [];
  // Nothing waits for itself, as a plan has no cycle.
  for (let at = last; at !== undefined; ) {
    if (at.row !== 0) path.push(at);
    at = at.after === undefined ? undefined : ended.get(at.after);
  }
  return path.toReversed();
}
