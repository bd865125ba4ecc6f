import { expect, test } from "vitest";

import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { sourceDateEpochOf } from "../../src/engine/source-date-epoch.ts";

/** The time for SOURCE_DATE_EPOCH=`text`, or what is printed. */
function epochOf(text: string | undefined): number | string {
  const printed: string[] = [];
  const seconds = sourceDateEpochOf({ SOURCE_DATE_EPOCH: text }, (diagnostic) => {
    printed.push(renderDiagnostic(diagnostic));
  });
  return printed.length === 0 ? seconds : printed.join("\n");
}

test("SOURCE_DATE_EPOCH is the time of outputs; none, or an empty one, is 1970", () => {
  expect([undefined, "", "0", "1700000000"].map(epochOf)).toEqual([0, 0, 0, 1_700_000_000]);
});

test("what is no number of seconds is reported, and not half understood", () => {
  for (const text of ["now", "-1", "1.5", "1e9", " 1", "0x10", "99999999999999999999"]) {
    expect(epochOf(text)).toBe(
      `error[bad-attribute]: SOURCE_DATE_EPOCH is "${text}", and not a number of seconds since 1970`,
    );
  }
});
