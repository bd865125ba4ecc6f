/** What an expression gives: nodes of an indexed graph. */
export interface LabelSet {
  readonly kind: "labels";
  readonly members: ReadonlySet<number>;
  /** Whether the members are in the order of a path, and not in that of their labels. */
  readonly isPath: boolean;
}

/** `members`, to be shown in the order of their labels. */
export function labelSet(members: ReadonlySet<number>): LabelSet {
  return { kind: "labels", members, isPath: false };
}

/** The members of `set` that `isMember` allows, in the order in which they were. */
export function subset(
  { members, isPath }: LabelSet,
  isMember: (one: number) => boolean,
): LabelSet {
  return { kind: "labels", members: new Set([...members].filter(isMember)), isPath };
}

/** The members of `set` in the order in which they are shown. */
export function inOrder({ members, isPath }: LabelSet): readonly number[] {
  // Typed arrays are sorted by number, and several times as fast.
  return isPath ? [...members] : [...Uint32Array.from(members).sort()];
}
