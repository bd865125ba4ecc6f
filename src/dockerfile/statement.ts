// A Dockerfile's text → its statements: one logical line each, with its here-documents. Knows no
// instruction.

import type * as DockerfileAst from "dockerfile-ast";

import { lateLibrary } from "../base/late-library.ts";
import type { Source, Span } from "../diagnostic/diagnostic.ts";

/** One instruction, as it is written, its lines joined. */
export interface Statement {
  /** In capitals. */
  readonly keyword: string;
  /** What stands behind the keyword, without line continuations and comments among them. */
  readonly text: string;
  readonly heredocs: readonly Heredoc[];
  /** The character that continues lines, and takes their meaning from others. */
  readonly escape: string;
  /** Of the keyword. */
  readonly at: Span;
  /** Where the part of `text` from `start` to `end` stands in the file. */
  readonly spanOf: (start: number, end: number) => Span;
}

/** A here-document: lines of a file within the Dockerfile. */
export interface Heredoc {
  readonly name: string;
  /** As it is written, but for what `<<-` takes off. */
  readonly content: string;
  /** Whether variables in it are replaced: they are unless its name was quoted. */
  readonly isExpanded: boolean;
  /** Whether it began with `<<-`, which takes tabs off its lines. */
  readonly isChomped: boolean;
  /** Absent: the file ends within it. */
  readonly isClosed: boolean;
}

const dockerfileAst = lateLibrary<typeof DockerfileAst>("dockerfile-ast");

/** The statements of `source`, in order. */
export function statementsOf(source: Source): Statement[] {
  // A mark at the beginning would be a part of the first keyword.
  const text = source.text.startsWith("\uFEFF") ? ` ${source.text.slice(1)}` : source.text;
  const parsed = dockerfileAst().DockerfileParser.parse(text);
  const lines = new Lines(text);
  const escape = parsed.getEscapeCharacter();
  return parsed.getInstructions().map((instruction) => {
    const range = instruction.getRange();
    const word = instruction.getInstructionRange();
    const keyword = lines.offsetOf(word.start);
    const behind = lines.offsetOf(word.end);
    const unfolded = unfold(text, { start: behind, end: lines.offsetOf(range.end), escape });
    const at = { source, start: keyword, end: behind };
    return {
      keyword: instruction.getKeyword(),
      text: unfolded.text,
      heredocs: takesHeredocs(instruction.getKeyword(), unfolded.text)
        ? heredocsIn(unfolded.text, lines, unfolded.lastLine + 1)
        : [],
      escape,
      at,
      spanOf: (start, end) => {
        const from = unfolded.originOf(start);
        const to = end > start ? unfolded.originOf(end - 1) + 1 : from;
        return { source, start: from, end: Math.max(from, to) };
      },
    };
  });
}

function takesHeredocs(keyword: string, text: string): boolean {
  if (keyword === "ONBUILD") return /^\s*(?:add|copy|run)\s/i.test(text);
  return ["ADD", "COPY", "RUN"].includes(keyword);
}

/** The lines of a text, with and without their ends. */
class Lines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    this.#starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  offsetOf({ line, character }: { readonly line: number; readonly character: number }): number {
    return (this.#starts[line] ?? this.#text.length) + character;
  }

  /** Without its end; undefined behind the last. */
  at(line: number): string | undefined {
    const start = this.#starts[line];
    if (start === undefined || (start === this.#text.length && start > 0)) return undefined;
    const end = this.#starts[line + 1] ?? this.#text.length;
    return this.#text.slice(start, end).replace(/\r?\n$/, "");
  }
}

/** Lines that were one. */
interface Unfolded {
  readonly text: string;
  /** The number of its last line, from 0. */
  readonly lastLine: number;
  readonly originOf: (offset: number) => number;
}

/**
 * Joins lines that end with the escape character, and drops comments and empty lines among them.
 * What it gives ends where the first line ends that is not continued: here-documents come behind.
 */
function unfold(
  text: string,
  { start, end, escape }: { readonly start: number; readonly end: number; readonly escape: string },
): Unfolded {
  const pieces: { readonly from: number; readonly to: number; readonly origin: number }[] = [];
  const continued = escape === "`" ? /(^|[^`])`[ \t]*$/ : /(^|[^\\])\\[ \t]*$/;
  let joined = "";
  let lastLine = text.slice(0, start).split("\n").length - 1;
  for (let at = start, isFirst = true; at <= end; isFirst = false) {
    const newline = text.indexOf("\n", at);
    const lineEnd = newline === -1 ? text.length : newline;
    const line = text.slice(at, lineEnd).replace(/\r$/, "");
    const isNothing = !isFirst && /^\s*(#|$)/.test(line);
    const isContinued = continued.test(line);
    if (!isNothing) {
      const kept = isContinued ? line.replace(continued, "$1") : line;
      pieces.push({ from: joined.length, to: joined.length + kept.length, origin: at });
      joined += kept;
    }
    if ((!isContinued && !isNothing) || newline === -1) break;
    at = newline + 1;
    lastLine++;
  }
  const originOf = (offset: number): number => {
    const piece = pieces.find(({ to }) => offset < to) ?? pieces.at(-1);
    return piece === undefined ? start : piece.origin + (offset - piece.from);
  };
  const leading = joined.length - joined.trimStart().length;
  return {
    text: joined.trim(),
    lastLine,
    originOf: (offset) => originOf(offset + leading),
  };
}

/** What begins a here-document, as a word of its own. Source: buildkit, Dockerfile reference. */
const marker = /(?:^|(?<=\s))\d*<<(-?)(["']?)([^\s<"']+)\2(?=\s|$)/g;

/**
 * The here-documents that `text` begins, whose lines start at the line `first`. Not asked of the
 * parser, which loses the end of one whose last line ends with the escape character.
 */
function heredocsIn(text: string, lines: Lines, first: number): Heredoc[] {
  let next = first;
  return [...unquoted(text).matchAll(marker)].map(([, dash, quote, name = ""]) => {
    const isChomped = dash === "-";
    const content: string[] = [];
    let isClosed = false;
    for (let line = lines.at(next); line !== undefined && !isClosed; line = lines.at(next)) {
      next++;
      isClosed = (isChomped ? line.replace(/^\t+/, "") : line) === name;
      if (!isClosed) content.push(`${line}\n`);
    }
    return { name, content: content.join(""), isExpanded: quote === "", isChomped, isClosed };
  });
}

/** `text` with blanks for what is quoted, but for quotes around the name of a here-document. */
function unquoted(text: string): string {
  return text.replaceAll(/(<<-?)?(["'])(?:\\.|(?!\2).)*\2/g, (all, before?: string) =>
    before === undefined ? " ".repeat(all.length) : all,
  );
}
