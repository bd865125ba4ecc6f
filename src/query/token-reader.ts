import type { Diagnostic, Report, Span } from "../diagnostic/diagnostic.ts";
import type { QuerySymbol, Token } from "./token.ts";

/** Thrown inside the reader of queries when it cannot go on; the reason has been reported. */
export class QuerySyntaxError extends Error {}

/** Goes through the tokens of a query, and says what was expected where something else stands. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #report: Report;
  #next = 0;

  /** `tokens` end with an end or a bad one, as `tokensOf` gives them. */
  constructor(tokens: readonly Token[], report: Report) {
    this.#tokens = tokens;
    this.#report = report;
  }

  /** The token `ahead` places on, where nothing stands behind the last. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  isAt(symbol: QuerySymbol, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === symbol;
  }

  /** True when `symbol` stood there, and has been taken. */
  takeIf(symbol: QuerySymbol): boolean {
    const isThere = this.isAt(symbol);
    if (isThere) this.#next++;
    return isThere;
  }

  /** Takes `symbol`. `opened` is what it closes, such as an opening parenthesis. */
  expect(symbol: QuerySymbol, opened?: Span): Span {
    const token = this.peek();
    if (!this.takeIf(symbol)) {
      const related = opened && [{ message: "to go with this one", at: opened }];
      const help = symbol === ")" ? joinHelpFor(token) : {};
      this.failAt(token, `"${symbol}"`, related === undefined ? help : { ...help, related });
    }
    return token.at;
  }

  /** Reports that `expected` should stand where `token` is. */
  failAt(token: Token, expected: string, more: Pick<Diagnostic, "help" | "related"> = {}): never {
    if (token.kind === "bad") return this.fail(token.message, token.at, { help: token.help });
    return this.fail(`expected ${expected}, found ${shown(token)}`, token.at, more);
  }

  fail(message: string, at: Span, more: Pick<Diagnostic, "help" | "related"> = {}): never {
    this.#report({ severity: "error", code: "bad-query", message, at, ...more });
    throw new QuerySyntaxError(message);
  }
}

/** What to do about `token`, when it stands behind a whole expression. */
export function joinHelpFor(token: Token): { help?: string } {
  return token.kind === "word" ? { help: 'join expressions with "+", "-" or "^"' } : {};
}

/** `token` as it is written. */
function shown(token: Token): string {
  if (token.kind === "end") return "the end of the query";
  const text = token.at.source.text.slice(token.at.start, token.at.end);
  return token.kind === "word" && token.isQuoted ? text : `"${text}"`;
}
