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
