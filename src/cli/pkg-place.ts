// What the verbs of `pkg` share.

import { type UsedComponent, usedComponents } from "../engine/named-components.ts";
import type { Repository, RepositoryRequest } from "../engine/repository.ts";
import type { KraftContext } from "./context.ts";
import { mistakeLog, tellMistake } from "./mistakes.ts";

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
  context,
}: PkgPlace): readonly UsedComponent[] | undefined {
  const log = mistakeLog(context);
  const components = usedComponents(repository, request, log.report);
  return log.tell().hasErrors ? undefined : components;
}

/** Tells of `problems`, and of entries that were left out. */
export function tellProblems(
  { problems, warnings }: { problems: readonly Error[]; warnings: readonly string[] },
  context: Pick<KraftContext, "stderr" | "host">,
): void {
  for (const warning of warnings) context.stderr.write(`warning: left out: ${warning}\n`);
  for (const problem of problems) {
    const { help } = problem as { help?: string };
    const { message } = problem;
    const about = { severity: "error", code: "not-fetched", message } as const;
    tellMistake({ ...about, ...(help !== undefined && { help }) }, context);
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
