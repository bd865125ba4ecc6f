// Mistakes that commands tell of which build nothing: for people, and in CI for GitHub, too.

import { type Diagnostic, renderDiagnostic } from "../diagnostic/diagnostic.ts";
import { type DiagnosticLog, newDiagnosticLog } from "../engine/diagnostic-log.ts";
import { markDiagnostic } from "../report/github.ts";
import type { KraftContext } from "./context.ts";
import { githubFilesOf } from "./github-files.ts";

type Hearer = Pick<KraftContext, "stderr" | "host">;

/** Tells of one mistake. */
export function tellMistake(diagnostic: Diagnostic, { stderr, host }: Hearer): void {
  const files = githubFilesOf(host);
  const mark = files === undefined ? "" : `${markDiagnostic(diagnostic, files)}\n`;
  stderr.write(`${renderDiagnostic(diagnostic)}\n${mark}`);
}

/** Gathers mistakes, to tell of them in the order of files. */
export function mistakeLog(hearer: Hearer): DiagnosticLog {
  return newDiagnosticLog((event) => {
    if (event.kind === "diagnostic") tellMistake(event.diagnostic, hearer);
    else if (event.kind === "notice") hearer.stderr.write(`note: ${event.message}\n`);
  });
}
