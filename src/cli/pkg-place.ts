// What the verbs of `pkg` share.

import { renderDiagnostic } from "../diagnostic/diagnostic.ts";
import { newDiagnosticLog } from "../engine/diagnostic-log.ts";
import { type UsedComponent, usedComponents } from "../engine/named-components.ts";
import type { Repository, RepositoryRequest } from "../engine/repository.ts";
import type { KraftContext } from "./context.ts";

/** What the command line says. */
export interface PkgWords {
  /** Components, targets or addresses. */
  readonly words: readonly string[];
  readonly all: boolean;
  readonly output: "table" | "json" | "ndjson";
}

/** Where, and for whom. */
export interface PkgPlace {
  readonly repository: Repository;
  readonly request: RepositoryRequest;
  readonly context: KraftContext;
}

/** The components of the workspace; undefined when its files have mistakes, which are told. */
export function componentsIn({
  repository,
  request,
  context: { stderr },
}: PkgPlace): readonly UsedComponent[] | undefined {
  const log = newDiagnosticLog((event) => {
    if (event.kind === "diagnostic") stderr.write(`${renderDiagnostic(event.diagnostic)}\n`);
  });
  const components = usedComponents(repository, request, log.report);
  return log.tell().hasErrors ? undefined : components;
}

/** Tells of `problems`, and of entries that were left out. */
export function tellProblems(
  { problems, warnings }: { problems: readonly Error[]; warnings: readonly string[] },
  { stderr }: Pick<KraftContext, "stderr">,
): void {
  for (const warning of warnings) stderr.write(`warning: left out: ${warning}\n`);
  for (const problem of problems) {
    const { help } = problem as { help?: string };
    const { message } = problem;
    const about = { severity: "error", code: "not-fetched", message } as const;
    stderr.write(`${renderDiagnostic({ ...about, ...(help !== undefined && { help }) })}\n`);
  }
}

/** Lines of `rows`, each column as wide as it must be. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) => row.map((text, i) => text.padEnd(widths[i] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}
