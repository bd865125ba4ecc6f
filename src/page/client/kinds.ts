import type { GraphIndex } from "./graph-index.ts";

/** How many nodes each kind has, the most first. */
export function kindsIn({
  nodes,
}: GraphIndex): readonly (readonly [kind: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { kind } of nodes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
}

/** Kinds to hide before the user says so: files, where they would be most of the picture. */
export function hiddenAtFirst({ nodes }: GraphIndex): ReadonlySet<string> {
  const files = nodes.filter(({ group }) => group === "file");
  const isMany = files.length > 40 && files.length * 3 > nodes.length;
  return new Set(isMany ? files.map(({ kind }) => kind) : []);
}
