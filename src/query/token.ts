import type { Source, Span } from "../diagnostic/diagnostic.ts";

/** A part of a query that is not divided further. */
export type Token =
  /** Not quoted, and no keyword; or quoted, and then anything. */
  | { readonly kind: "word"; readonly text: string; readonly isQuoted: boolean; readonly at: Span }
  | { readonly kind: "symbol"; readonly text: QuerySymbol; readonly at: Span }
  /** Behind all others; its place is behind the text. */
  | { readonly kind: "end"; readonly at: Span }
  /** What no token begins with; nothing behind it has been read. */
  | { readonly kind: "bad"; readonly message: string; readonly help: string; readonly at: Span };

/** Punctuation and keywords; the operators `+`, `-` and `^` are here as the words they stand for. */
export type QuerySymbol = "(" | ")" | "," | "=" | Keyword;

type Keyword = "union" | "except" | "intersect" | "let" | "in" | "set";

/**
 * The tokens of `source`, of which the last is an end or a bad one.
 *
 * Source: the Bazel query reference, "Tokens: the query language lexer".
 */
export function tokensOf(source: Source): readonly Token[] {
  const tokens: Token[] = [];
  for (let start = skipSpace(source.text, 0); ; ) {
    const token = tokenAt(source, start);
    tokens.push(token);
    if (token.kind === "end" || token.kind === "bad") return tokens;
    start = skipSpace(source.text, token.at.end);
  }
}

const symbols: Readonly<Record<string, QuerySymbol>> = {
  "(": "(",
  ")": ")",
  ",": ",",
  "=": "=",
  "+": "union",
  "-": "except",
  "^": "intersect",
};

const keywords: ReadonlyMap<string, Keyword> = new Map(
  (["union", "except", "intersect", "let", "in", "set"] as const).map((word) => [word, word]),
);

function tokenAt(source: Source, start: number): Token {
  const { text } = source;
  const spanTo = (end: number): Span => ({ source, start, end });
  const first = text[start];
  if (first === undefined) return { kind: "end", at: spanTo(start) };
  if (first === '"' || first === "'") return quotedAt(source, start);
  // A word may hold a hyphen but not begin with one, so that `//a -//b` subtracts.
  const symbol = Object.hasOwn(symbols, first) ? symbols[first] : undefined;
  if (symbol !== undefined) return { kind: "symbol", text: symbol, at: spanTo(start + 1) };
  const word = wordAt(text, start);
  if (word === "") {
    const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
    return {
      kind: "bad",
      message: `"${character}" cannot stand here without quotes`,
      help: "put names and expressions with such characters into quotes",
      at: spanTo(start + character.length),
    };
  }
  const at = spanTo(start + word.length);
  const keyword = keywords.get(word);
  if (keyword !== undefined) return { kind: "symbol", text: keyword, at };
  return { kind: "word", text: word, isQuoted: false, at };
}

/** The longest unquoted word at `start`; empty when none begins there. */
function wordAt(text: string, start: number): string {
  const pattern = /[A-Za-z0-9/@._:$~[\]][A-Za-z0-9*/@._:$~[\]-]*/y;
  pattern.lastIndex = start;
  return pattern.exec(text)?.[0] ?? "";
}

function quotedAt(source: Source, start: number): Token {
  const quote = source.text[start] ?? "";
  const end = source.text.indexOf(quote, start + 1);
  if (end === -1) {
    return {
      kind: "bad",
      message: "this quote is not closed",
      help: `add ${quote} at the end of the name`,
      at: { source, start, end: start + 1 },
    };
  }
  const text = source.text.slice(start + 1, end);
  return { kind: "word", text, isQuoted: true, at: { source, start, end: end + 1 } };
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (/\s/.test(text[at] ?? "")) at++;
  return at;
}
