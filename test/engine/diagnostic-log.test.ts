import { expect, test } from "vitest";

import type { Diagnostic } from "../../src/diagnostic/diagnostic.ts";
import { newDiagnosticLog } from "../../src/engine/diagnostic-log.ts";

function mistake(path: string | undefined, message: string, more: Partial<Diagnostic> = {}) {
  const at = path === undefined ? {} : { at: { source: { path, text: "" }, start: 0, end: 0 } };
  return { severity: "error", code: "bad-attribute", message, ...at, ...more } as const;
}

/** What is told of `mistakes` when only files below `near/` matter, or all do. */
function tell(mistakes: readonly Diagnostic[], matters?: (file: string) => boolean) {
  const lines: string[] = [];
  const log = newDiagnosticLog((event) => {
    if (event.kind === "diagnostic") lines.push(event.diagnostic.message);
    else if (event.kind === "notice") lines.push(`note: ${event.message}`);
  });
  for (const one of mistakes) log.report(one);
  return { ...log.tell(matters), lines };
}

const isNear = (file: string): boolean => file.startsWith("near/");

test("mistakes are told in the order of files, each once", () => {
  const { lines, hasErrors, isEmpty } = tell([
    mistake("b", "second"),
    mistake("a", "first"),
    mistake("b", "second"),
    mistake(undefined, "of no file"),
  ]);
  expect(lines).toEqual(["of no file", "first", "second"]);
  expect({ hasErrors, isEmpty }).toEqual({ hasErrors: true, isEmpty: false });
});

test("of files that do not matter, only the number of errors is told", () => {
  const warning = mistake("far/b", "warned", { severity: "warning" });
  const { lines, hasErrors } = tell(
    [mistake("far/a", "x"), mistake("far/b", "y"), mistake("far/b", "z"), warning],
    isNear,
  );
  expect(lines).toEqual([
    'note: 3 errors in 2 files of other packages are not shown; "kraft-graph build //..." shows them',
  ]);
  expect(hasErrors).toBe(false);
});

test("a single error elsewhere is told in the singular", () => {
  expect(tell([mistake("far/a", "x"), mistake("near/a", "own")], isNear).lines).toEqual([
    "own",
    'note: 1 error in 1 file of other packages is not shown; "kraft-graph build //..." shows it',
  ]);
});

test("warnings are told and are no errors, and a warning elsewhere is still something", () => {
  const warning = mistake("far/a", "warned", { severity: "warning" });
  expect(tell([warning])).toEqual({ lines: ["warned"], hasErrors: false, isEmpty: false });
  expect(tell([warning], isNear)).toEqual({ lines: [], hasErrors: false, isEmpty: false });
  expect(tell([])).toEqual({ lines: [], hasErrors: false, isEmpty: true });
});
