// How one list of lines becomes another, in few steps. Knows not what lines are.

/** A step on the way: a line that stays, goes or comes; places count from 0. */
export interface Edit {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
  /** Where it is, or would be, in the old list. */
  readonly oldAt: number;
  readonly newAt: number;
}

/**
 * The steps from `before` to `after`, as few as can be; where the lists differ in more than
 * `maxEdits` lines, all of the differing middle goes and comes.
 *
 * Source: E. Myers, An O(ND) Difference Algorithm, 1986.
 */
export function editsOf(before: readonly string[], after: readonly string[]): readonly Edit[] {
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < shorter - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const middleBefore = before.slice(start, before.length - tail);
  const middleAfter = after.slice(start, after.length - tail);
  const steps = stepsBetween(middleBefore, middleAfter);
  const all = [
    ...before.slice(0, start).map((): Edit["kind"] => "same"),
    ...steps,
    ...before.slice(before.length - tail).map((): Edit["kind"] => "same"),
  ];
  return placed(all, before, after);
}

function placed(
  kinds: readonly Edit["kind"][],
  before: readonly string[],
  after: readonly string[],
): readonly Edit[] {
  let [oldAt, newAt] = [0, 0];
  return kinds.map((kind) => {
    const text = (kind === "added" ? after[newAt] : before[oldAt]) ?? "";
    const edit = { kind, text, oldAt, newAt };
    if (kind !== "added") oldAt++;
    if (kind !== "removed") newAt++;
    return edit;
  });
}

/** Beyond this the work grows with the square, and nobody reads on. */
const maxEdits = 500;

function stepsBetween(before: readonly string[], after: readonly string[]): Edit["kind"][] {
  const trail = trailBetween(before, after);
  if (trail === undefined) {
    return [
      ...before.map((): Edit["kind"] => "removed"),
      ...after.map((): Edit["kind"] => "added"),
    ];
  }
  const steps: Edit["kind"][] = [];
  let [x, y] = [before.length, after.length];
  for (let depth = trail.length - 1; depth > 0; depth--) {
    const reached = trail[depth - 1] ?? new Map<number, number>();
    const diagonal = x - y;
    const isDown = goesDown(reached, diagonal, depth);
    const from = isDown ? diagonal + 1 : diagonal - 1;
    const fromX = reached.get(from) ?? 0;
    const meetX = isDown ? fromX : fromX + 1;
    for (; x > meetX; x--, y--) steps.push("same");
    steps.push(isDown ? "added" : "removed");
    [x, y] = [fromX, fromX - from];
  }
  for (; x > 0; x--) steps.push("same");
  return steps.reverse();
}

/** For each number of edits how far each diagonal gets; undefined when that is too many. */
function trailBetween(
  before: readonly string[],
  after: readonly string[],
): readonly ReadonlyMap<number, number>[] | undefined {
  const trail: Map<number, number>[] = [];
  for (let depth = 0; depth <= Math.min(maxEdits, before.length + after.length); depth++) {
    const last = trail.at(-1) ?? new Map<number, number>();
    const reached = new Map<number, number>();
    trail.push(reached);
    for (let diagonal = -depth; diagonal <= depth; diagonal += 2) {
      const isDown = goesDown(last, diagonal, depth);
      let x =
        depth === 0
          ? 0
          : isDown
            ? (last.get(diagonal + 1) ?? 0)
            : (last.get(diagonal - 1) ?? 0) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal])
        x++;
      reached.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return trail;
    }
  }
  return undefined;
}

function goesDown(last: ReadonlyMap<number, number>, diagonal: number, depth: number): boolean {
  if (diagonal === -depth) return true;
  if (diagonal === depth) return false;
  return (last.get(diagonal - 1) ?? 0) < (last.get(diagonal + 1) ?? 0);
}
