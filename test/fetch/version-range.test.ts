import fc from "fast-check";
import { expect, test } from "vitest";

import {
  compareVersions,
  isInRange,
  isVersionRange,
  parseVersionRange,
} from "../../src/fetch/version-range.ts";

/** Which of `versions` are in the range that `text` says. */
function within(text: string, versions: readonly string[]): readonly string[] {
  const range = parseVersionRange(text);
  return versions.filter((version) => range !== undefined && isInRange(version, range));
}

const releases = ["0.15.0", "0.16.3", "0.17.0", "1.0.0-rc1", "1.0.0", "1.2", "1.10.0", "2.0.0"];

test.each([
  [">=0.16", ["0.16.3", "0.17.0", "1.0.0", "1.2", "1.10.0", "2.0.0"]],
  [">= 0.16, < 1", ["0.16.3", "0.17.0"]],
  [">0.17.0 <=1.2.0", ["1.0.0", "1.2"]],
  ["^0.16.1", ["0.16.3"]],
  ["^1.2", ["1.2", "1.10.0"]],
  ["~1.2.0", ["1.2"]],
  ["~1", ["1.0.0", "1.2", "1.10.0"]],
  ["=1.2.0", ["1.2"]],
  ["0.15.0 || >=2", ["0.15.0", "2.0.0"]],
  [">=1.0.0-rc1 <1.2", ["1.0.0-rc1", "1.0.0"]],
])("%s has %j of the releases", (text, expected) => {
  expect(within(text, releases)).toEqual(expected);
});

test.each([">=", "> x", "stable", ">=1.2.3.", "^^1", ">=1 ||", ""])(
  "%j is no set of versions",
  (text) => expect(parseVersionRange(text)).toBeUndefined(),
);

test("channels, commits and names are in no set", () => {
  expect(within(">=0", ["stable", "1a2b3c4", "v", "", "9".repeat(10)])).toEqual([]);
  expect([">=1", "^1", "1.2 || 2"].map(isVersionRange)).toEqual([true, true, true]);
  expect(["1.2", "stable", "1a2b3c4"].map(isVersionRange)).toEqual([false, false, false]);
});

test("versions are in the order of their numbers, a release behind what led to it", () => {
  const sorted = ["stable", "0.9", "0.10.1", "1.0.0-rc1", "1.0.0-rc2", "1.0.0", "1.0.1"];
  expect(sorted.toReversed().sort(compareVersions)).toEqual(sorted);
});

const version = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }).map((all) => all.join("."));

test("each version is in exactly one of what is below, at and above another", () => {
  fc.assert(
    fc.property(version, version, (one, other) => {
      const places = [`<${other}`, `=${other}`, `>${other}`];
      expect(places.flatMap((text) => within(text, [one]))).toHaveLength(1);
      expect(within(`>=${other}`, [one])).toHaveLength(within(`<${other}`, [one]).length ? 0 : 1);
    }),
  );
});

test("a caret has what is at least its version, and no more than the first number allows", () => {
  fc.assert(
    fc.property(version, version, (base, one) => {
      if (within(`^${base}`, [one]).length === 0) return;
      expect(compareVersions(one, base)).toBeGreaterThanOrEqual(0);
      expect(one.split(".")[0]).toBe(base.split(".")[0]);
    }),
  );
});
