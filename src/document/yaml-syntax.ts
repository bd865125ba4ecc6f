// The YAML library, kept from recursing or piling up errors on files that nobody meant.

import type * as Yaml from "yaml";

import { lateLibrary } from "../base/late-library.ts";
import type { Report, Source } from "../diagnostic/diagnostic.ts";

/** How many collections may stand inside each other; far more than in any file that is meant. */
export const maxDepth = 200;
/** In UTF-16 units; the largest file of ours, a lock of thousands of sources, is a tenth of it. */
export const maxLength = 8 * 1024 * 1024;
/** The library. Most files are read without it. */
export const yaml = lateLibrary<typeof Yaml>("yaml");

type Token = ReturnType<Yaml.Parser["next"]> extends Generator<infer T> ? T : never;

/**
 * The first document in `source`. Undefined, with an error reported, when it is too large or
 * nested too deep to be read; other syntax errors are reported, and leave a document with gaps.
 */
export function composeYaml(source: Source, report: Report): Yaml.Document.Parsed | undefined {
  const error = (message: string, start: number, end: number): undefined => {
    const at = { source, start, end: Math.max(end, start + 1) };
    report({ severity: "error", code: "yaml-syntax", message, at });
  };
  if (source.text.length > maxLength) return error("the file is larger than 8 MiB", 0, 0);
  const { tokens, tooDeepAt } = tokensOf(source.text);
  if (tooDeepAt !== undefined) {
    return error(`more than ${maxDepth} collections stand inside each other`, tooDeepAt, 0);
  }
  const [document, second] = new (yaml().Composer)(options).compose(
    tokens,
    true,
    source.text.length,
  );
  for (const { code, message, pos } of document?.errors ?? []) {
    error(messageOf(code, message), pos[0], pos[1]);
  }
  if (second !== undefined && document !== undefined) {
    const [start] = second.range;
    error("only one document may stand in a file", start, start + 3);
  }
  return document as Yaml.Document.Parsed<Yaml.ParsedNode> | undefined;
}

const options = {
  // Files that begin with `%YAML 1.1` are read as all others, so that `yes` means one thing.
  schema: "core",
  merge: false,
  resolveKnownTags: false,
  uniqueKeys: false,
  prettyErrors: false,
  stringKeys: false,
  intAsBigInt: true,
  logLevel: "silent",
} as const;

/**
 * The library's syntax tree. It is watched while it grows, as the library recurses into it later,
 * and a stack that overflows inside a regular expression ends the whole process.
 */
function tokensOf(text: string): { tokens: Token[]; tooDeepAt?: number } {
  const { Lexer, Parser } = yaml();
  const tokens: Token[] = [];
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > maxDepth + 1) return { tokens: [], tooDeepAt: parser.offset };
  }
  for (const token of parser.end()) tokens.push(token);
  return { tokens };
}

/** The library's wording, less the position that it may carry, as our first lines are written. */
function messageOf(code: Yaml.ErrorCode, message: string): string {
  if (code === "MULTIPLE_DOCS") return "only one document may stand in a file";
  const [headline = message] = message.split("\n");
  return headline.charAt(0).toLowerCase() + headline.slice(1);
}
