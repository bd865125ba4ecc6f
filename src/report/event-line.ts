// Build events → lines of JSON, for `--events`. Decides no more than their form.

import { type Diagnostic, positionOf } from "../diagnostic/diagnostic.ts";
import type { BuildEvent } from "../engine/event.ts";

/** `event` as a line of JSON, with the line feed. */
export function eventLine(event: BuildEvent): string {
  const plain =
    event.kind === "diagnostic"
      ? { kind: event.kind, ...plainDiagnostic(event.diagnostic) }
      : event;
  return `${JSON.stringify(plain)}\n`;
}

/** A span as its file, line and column (from 1), as no reader wants the file's text each time. */
function plainDiagnostic({ severity, code, message, at, help, related = [] }: Diagnostic) {
  return {
    severity,
    code,
    message,
    ...(at && placeOf(at)),
    ...(help !== undefined && { help }),
    ...(related.length > 0 && {
      related: related.map((other) => ({ message: other.message, ...placeOf(other.at) })),
    }),
  };
}

function placeOf(at: NonNullable<Diagnostic["at"]>) {
  return { file: at.source.path, ...positionOf(at) };
}
