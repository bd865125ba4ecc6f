import type { DiagnosticCode } from "../diagnostic/codes.ts";
import { withoutCredentials } from "../action/remote-source.ts";

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

/** Why a tag is refused that is not what it was. */
export function movedTag(
  url: string,
  ref: string,
  { locked, now }: { readonly locked: string; readonly now: string },
): SourceProblem {
  const name = ref.replace("refs/tags/", "");
  return new SourceProblem(
    "moved-source",
    `the tag ${name} of ${withoutCredentials(url)} was ${locked} when it was locked, and is ${now} now`,
    'find out why; "kraft-graph lock --update --allow-moved" takes what it is now',
  );
}
