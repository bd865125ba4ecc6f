import type { DiagnosticCode } from "../diagnostic/codes.ts";

/** A source that must not be used, or cannot be had as things are. */
export class SourceProblem extends Error {
  override readonly name = "SourceProblem";
  readonly code: DiagnosticCode;
  readonly help: string;

  constructor(code: DiagnosticCode, message: string, help: string) {
    super(message);
    this.code = code;
    this.help = help;
  }
}

/** Why `source` is refused, which should not change and did. */
export function movedSource(source: string, locked: string, now: string): SourceProblem {
  return new SourceProblem(
    "moved-source",
    `${source} was ${locked} when it was locked, and is ${now} now`,
    'find out why; "kraft-graph lock --update --allow-moved" takes what it is now',
  );
}

/** Why nobody can tell what `source` has become. */
export function notAsked(source: string): SourceProblem {
  return new SourceProblem(
    "not-fetched",
    `${source} stays as it was locked, as servers may not be asked`,
    "move it without --offline and sources.offline",
  );
}

/** What a build tells of `error`; one that is a bug, or the disk's, is thrown again. */
export async function fetchFailureOf(error: unknown) {
  // When something was fetched, their modules are loaded.
  const { FetchError } = await import("../fetch/fetch-error.ts");
  const { GitError } = await import("../fetch/git-error.ts");
  if (error instanceof SourceProblem) {
    return { message: `${error.message}; ${error.help}`, code: error.code, lastLines: "" };
  }
  if (!(error instanceof FetchError) && !(error instanceof GitError)) throw error;
  const isMoved = error instanceof FetchError && error.code === "digest-mismatch";
  const code = isMoved ? ("moved-source" as const) : ("not-fetched" as const);
  const help = error.help === undefined ? "" : `; ${error.help}`;
  return { message: error.message + help, code, lastLines: "" };
}
