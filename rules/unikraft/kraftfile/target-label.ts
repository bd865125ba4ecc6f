import type { KraftTarget } from "./target.ts";

/**
 * What the label of each of `targets` has behind the colon: its name, or `<plat>-<arch>`. Where
 * several have one name, as KraftKit allows for several platforms, the name with both behind it.
 */
export function targetLabelsOf(targets: readonly KraftTarget[]): readonly string[] {
  const plain = targets.map((target) => target.name ?? pairOf(target));
  const counts = new Map<string, number>();
  for (const name of plain) counts.set(name, (counts.get(name) ?? 0) + 1);
  return targets.map((target, i) => {
    const name = plain[i] ?? "";
    const isShared = target.name !== undefined && (counts.get(name) ?? 0) > 1;
    return isShared ? `${name}-${pairOf(target)}` : name;
  });
}

function pairOf({ platform, architecture }: KraftTarget): string {
  return `${platform}-${architecture}`;
}
