// Mistakes in files that users wrote, as data. Knows no file system and no terminal.

import type { DiagnosticCode } from "./codes.ts";

/** Something wrong in a file the user wrote. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Never renamed, as users search for it. One heading each in docs/diagnostics.md. */
  readonly code: DiagnosticCode;
  /** What is wrong: one line, lower case, no full stop. */
  readonly message: string;
  /** Where; absent when no file is at fault, as with a label on the command line. */
  readonly at?: Span;
  /** What to do about it. */
  readonly help?: string;
  /** Other places that matter, such as the first of two definitions. */
  readonly related?: readonly { readonly message: string; readonly at: Span }[];
}

/** Takes a diagnostic in; loading and analysis go on after it, so that one run shows them all. */
export type Report = (diagnostic: Diagnostic) => void;

/** A file's text under the name that users see. */
export interface Source {
  /** Relative to the workspace root, "/" separated; or as the user typed it. */
  readonly path: string;
  readonly text: string;
}

/** Part of a source, as UTF-16 offsets; `end` is excluded. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** The line and column of the start of `span`, both from 1. */
export function positionOf({ source, start }: Span): { line: number; column: number } {
  const before = source.text.slice(0, start);
  const line = before.split("\n").length;
  return { line, column: start - (before.lastIndexOf("\n") + 1) + 1 };
}

/** `diagnostic` as users see it: headline, `file:line:column` (both from 1), frame, help. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { severity, code, message, at, help, related = [] } = diagnostic;
  const lines = [
    `${severity}[${code}]: ${message}`,
    ...(at === undefined ? [] : frameOf(at)),
    ...related.flatMap((other) => [`note: ${other.message}`, ...frameOf(other.at)]),
    ...(help === undefined ? [] : [`${at === undefined ? "" : gutterOf(at)} = help: ${help}`]),
  ];
  return printable(lines);
}

/** `at` as diagnostics show it: `file:line:column` (both from 1), and the line itself. */
export function renderSpan(at: Span): string {
  return printable(frameOf(at));
}

/** What a file holds must not drive the terminal that shows it. */
function printable(lines: readonly string[]): string {
  return lines.join("\n").replaceAll(/(?!\n)\p{Cc}/gu, "\uFFFD");
}

/** `diagnostics` without repeats, by file, then position, then message. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(diagnostics.map((one) => [renderDiagnostic(one), one]));
  const keyOf = ({ at, message }: Diagnostic): [string, number, string] => [
    at?.source.path ?? "",
    at?.start ?? 0,
    message,
  ];
  return [...unique.values()].sort((a, b) => {
    const [pathA, startA, messageA] = keyOf(a);
    const [pathB, startB, messageB] = keyOf(b);
    if (pathA !== pathB) return pathA < pathB ? -1 : 1;
    if (startA !== startB) return startA - startB;
    return messageA < messageB ? -1 : messageA > messageB ? 1 : 0;
  });
}

function gutterOf(at: Span): string {
  return " ".repeat(String(positionOf(at).line).length);
}

function frameOf(at: Span): string[] {
  const { line, column } = positionOf(at);
  const text = (at.source.text.split("\n")[line - 1] ?? "")
    .replace(/\r$/, "")
    .replaceAll("\t", " ");
  const width = Math.max(1, Math.min(at.end - at.start, text.length - (column - 1)));
  const gutter = " ".repeat(String(line).length);
  return [
    `${gutter}--> ${at.source.path}:${line}:${column}`,
    `${gutter} |`,
    `${line} | ${text}`,
    `${gutter} | ${" ".repeat(column - 1)}${"^".repeat(width)}`,
  ];
}
