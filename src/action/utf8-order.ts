// The one order of names in keys. JavaScript's own is that of UTF-16, which differs from UTF-8's.

/** Compares by UTF-8 bytes. Source: REAPI v2, `Directory`, `Command`. */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  if (!surrogate.test(a) && !surrogate.test(b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** `items` by their names; the same array when it is in order. */
export function sortedByName<T extends { readonly name: string }>(
  items: readonly T[],
): readonly T[] {
  const isSorted = items.every(
    (item, i) => i === 0 || compareUtf8(items[i - 1]!.name, item.name) <= 0,
  );
  return isSorted ? items : items.toSorted((a, b) => compareUtf8(a.name, b.name));
}

/** Where there is none of these, the two orders are one. */
const surrogate = /[\ud800-\udfff]/;
