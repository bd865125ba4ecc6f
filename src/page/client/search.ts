import type { GraphIndex } from "./graph-index.ts";

/** The nodes in which each of `words` stands, those first that begin with them; none without words. */
export function searchIn({ nodes }: GraphIndex, words: string): readonly number[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const [first] = wanted;
  if (first === undefined) return [];
  const found: number[] = [];
  const weights = new Map<number, number>();
  for (const [place, { id, kind, name }] of nodes.entries()) {
    const text = `${id} ${kind} ${name}`.toLowerCase();
    if (!wanted.every((word) => text.includes(word))) continue;
    found.push(place);
    weights.set(place, weightOf(name.toLowerCase(), first));
  }
  return found.sort((a, b) => weights.get(a)! - weights.get(b)! || a - b);
}

/** Lower is better. */
function weightOf(name: string, word: string): number {
  const base = name.slice(name.lastIndexOf("/") + 1);
  if (base === word || name === word) return 0;
  if (base.startsWith(word)) return 1;
  return name.includes(word) ? 2 : 3;
}
