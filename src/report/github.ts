// What GitHub Actions makes of a log: groups, and marks beside lines of the sources.
// Source: GitHub Docs, "Workflow commands for GitHub Actions".

import { type Diagnostic, positionOf } from "../diagnostic/diagnostic.ts";
import type { ActionFailure, AboutAction } from "../engine/event.ts";
import { describeAction } from "./describe.ts";
import { printedLines } from "./log-text.ts";

/** Begins lines that are folded under `title`. */
export function groupStart(title: string): string {
  return `::group::${escaped(title)}`;
}

/** Ends what {@link groupStart} began. */
export const groupEnd = "::endgroup::";

/** The mark of `diagnostic`; `prefix` is what goes before a path, such as `sub/`. */
export function markDiagnostic({ severity, code, message, at, help }: Diagnostic, prefix: string) {
  const place = at === undefined ? {} : { file: prefix + at.source.path, ...columnOf(at) };
  const text = help === undefined ? message : `${message}\n${help}`;
  return commandOf(severity, { ...place, title: code }, text);
}

/** The marks of a failure: of each error that a compiler has told of, else of the action. */
export function markFailure(action: AboutAction, failure: ActionFailure, prefix: string): string[] {
  const { message, code, lastLines } = failure;
  const title = `${action.owner}: ${describeAction(action)}`;
  // The last lines are too few: six errors in one file fill them, and the first says most.
  const errors = printedLines(failure).flatMap((line) => {
    const [, file = "", at = "", column, text = ""] = compilerError.exec(line) ?? [];
    if (file === "") return [];
    const place = { file: prefix + file, line: at, ...(column !== undefined && { col: column }) };
    return [commandOf("error", { ...place, title }, text)];
  });
  if (errors.length > 0) return [...new Set(errors)].slice(0, maxMarks);
  const kind = code === undefined ? "" : `[${code}] `;
  return [commandOf("error", { title }, `${kind}${message}\n${lastLines}`.trimEnd())];
}

/** `text` of a program, of which no line is taken as a command. */
export function harmless(text: string): string {
  return text
    .replaceAll("##[", "# #[")
    .split(/\r\n|[\r\n]/)
    .map((line) => (line.trimStart().startsWith("::") ? `| ${line}` : line))
    .join("\n");
}

/** GitHub shows no more of one step. */
const maxMarks = 10;

/** `dir/main.c:3:5: error: …`, of gcc, clang and ld; not of files outside of the workspace. */
const compilerError = /^([^\s:/][^\s:]*):(\d+)(?::(\d+))?: (?:fatal )?error: (.+)$/;

function columnOf(at: NonNullable<Diagnostic["at"]>) {
  const { line, column } = positionOf(at);
  return { line: String(line), col: String(column) };
}

function commandOf(
  kind: Diagnostic["severity"],
  properties: Readonly<Record<string, string>>,
  message: string,
): string {
  const pairs = Object.entries(properties).map(([name, value]) => {
    return `${name}=${escaped(value).replaceAll(":", "%3A").replaceAll(",", "%2C")}`;
  });
  return `::${kind} ${pairs.join(",")}::${escaped(message)}`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
