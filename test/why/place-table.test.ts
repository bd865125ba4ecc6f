import fc from "fast-check";
import { expect, test } from "vitest";

import { PlaceTable } from "../../src/why/place-table.ts";

test("a table tells of each number what it was last given, and of no other", () => {
  const small = { min: 0, max: 2 ** 32 - 1 };
  const place = fc.record({
    chunk: fc.integer(small),
    start: fc.integer(small),
    length: fc.integer(small),
  });
  // Few numbers, so that some come twice; and such as share a slot.
  const key = fc.integer({ min: 1, max: 5000 }).map((number) => number * 512);
  fc.assert(
    fc.property(fc.array(fc.tuple(key, place), { maxLength: 4000 }), (entries) => {
      const table = new PlaceTable();
      const known = new Map(entries);
      for (const [key, place] of entries) table.set(key, place);
      for (const [key, place] of known) expect(table.get(key)).toEqual(place);
      const absent = [1, 511, 513, 2 ** 52].filter((one) => !known.has(one));
      expect(absent.filter((one) => table.has(one))).toEqual([]);
      expect(absent.flatMap((one) => table.get(one) ?? [])).toEqual([]);
    }),
    { numRuns: 30 },
  );
});
