import type { Diagnostic, Report } from "../diagnostic/diagnostic.ts";

/** More than anybody mends before running again; each costs time in proportion to its file. */
const limit = 100;

/**
 * What `read` gives, when it reports to a report that passes on the first 100 mistakes of a file,
 * and then one that stands for all the others: a generated file can have one on every line.
 */
export function withBoundedReport<T>(report: Report, read: (bounded: Report) => T): T {
  let passed = 0;
  let held = 0;
  let last: Diagnostic | undefined;
  const result = read((diagnostic) => {
    if (passed < limit) {
      passed++;
      report(diagnostic);
      return;
    }
    held++;
    // An error outlasts warnings, so that a file with errors never seems to have none.
    if (diagnostic.severity === "error" || last?.severity !== "error") last = diagnostic;
  });
  if (last !== undefined) {
    report({ ...last, help: `${held} mistakes from here on are not shown one by one` });
  }
  return result;
}
