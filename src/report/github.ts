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

/** The path in the checkout of the file at a path; undefined when it is not in there. */
type FileOf = (path: string) => string | undefined;

/** The mark of `diagnostic`. */
export function markDiagnostic(diagnostic: Diagnostic, fileOf: FileOf): string {
  const { severity, code, message, at, help } = diagnostic;
  const text = help === undefined ? message : `${message}\n${help}`;
  if (at === undefined) return commandOf(severity, { title: code }, text);
  return markAt({ path: at.source.path, ...columnOf(at) }, fileOf, { severity, title: code, text });
}

interface Mark {
  readonly severity: Diagnostic["severity"];
  readonly title: string;
  readonly text: string;
}

/** A mark beside a line, or where nobody would find that line, one that names it. */
function markAt(
  { path, line, col }: { readonly path: string; readonly line: string; readonly col?: string },
  fileOf: FileOf,
  { severity, title, text }: Mark,
): string {
  const file = fileOf(path);
  const column = col === undefined ? {} : { col };
  if (file !== undefined) return commandOf(severity, { file, line, ...column, title }, text);
  const place = col === undefined ? `${path}:${line}` : `${path}:${line}:${col}`;
  return commandOf(severity, { title }, `${place}: ${text}`);
}

/** The marks of a failure: of each error that a compiler has told of, else of the action. */
export function markFailure(action: AboutAction, failure: ActionFailure, fileOf: FileOf): string[] {
  const { message, code, lastLines } = failure;
  const title = `${action.owner}: ${describeAction(action)}`;
  // The last lines are too few: six errors in one file fill them, and the first says most.
  const errors = printedLines(failure).flatMap((line) => {
    const [, file = "", at = "", column, text = ""] = compilerError.exec(line) ?? [];
    if (file === "") return [];
    const place = { path: file, line: at, ...(column !== undefined && { col: column }) };
    return [markAt(place, fileOf, { severity: "error", title, text })];
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
