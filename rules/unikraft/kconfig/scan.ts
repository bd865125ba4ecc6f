// The text of one Config.uk file → the words of its statements. Knows no keyword.

import type { AssignmentOperator, Macros } from "./macro.ts";
import type { Place } from "./symbol.ts";

/** A word of a statement. */
export interface Token {
  readonly kind: "word" | "quoted" | "operator";
  readonly text: string;
}

/** What stands on one line, continued lines being one. */
export type Statement =
  | { readonly kind: "words"; readonly place: Place; readonly words: readonly Token[] }
  | {
      readonly kind: "assignment";
      readonly place: Place;
      readonly name: string;
      readonly operator: AssignmentOperator;
      readonly value: string;
    };

/** Goes through a file, statement by statement. */
export class Scanner {
  readonly file: string;
  readonly #text: string;
  readonly #macros: Macros;
  #at = 0;
  #line = 1;

  constructor(file: string, text: string, macros: Macros) {
    this.file = file;
    this.#text = text;
    this.#macros = macros;
  }

  /** The next statement; undefined at the end of the file. */
  next(): Statement | undefined {
    while (this.#at < this.#text.length) {
      const statement = this.#statement();
      if (statement.kind === "assignment" || statement.words.length > 0) return statement;
    }
    return undefined;
  }

  /**
   * The help text that begins on the next line: it ends before a line that is indented less than
   * its first. Tabs reach to the next multiple of eight.
   */
  help(): string {
    const lines: string[] = [];
    let margin: number | undefined;
    while (this.#at < this.#text.length) {
      const line = this.#peekLine();
      const indent = indentOf(line);
      const isBlank = line.trim() === "";
      if (!isBlank && margin !== undefined && (indent < margin || indent === 0)) break;
      // Blank lines before a line at the margin of the file belong to nobody.
      if (!isBlank && margin === undefined && indent === 0 && lines.length > 0) break;
      if (!isBlank) margin ??= indent;
      lines.push(isBlank ? "" : " ".repeat(indent - (margin ?? 0)) + line.trim());
      this.#skipLine(line);
    }
    return lines.join("\n").replace(/^\n+|\n+$/g, "");
  }

  #peekLine(): string {
    const end = this.#text.indexOf("\n", this.#at);
    return this.#text.slice(this.#at, end === -1 ? this.#text.length : end);
  }

  #skipLine(line: string): void {
    this.#at += line.length + 1;
    this.#line++;
  }

  #place(): Place {
    return { file: this.file, line: this.#line };
  }

  #statement(): Statement {
    const words: Token[] = [];
    let place = this.#place();
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char === "\n") {
        this.#at++;
        this.#line++;
        return { kind: "words", place, words };
      }
      if (words.length === 0) place = this.#place();
      const token = this.#token(char);
      if (token === undefined) continue;
      const operator = words.length === 1 ? assignmentOperator(token) : undefined;
      if (operator !== undefined && words[0]?.kind === "word") {
        const value = this.#peekLine();
        this.#skipLine(value);
        return {
          kind: "assignment",
          place,
          name: words[0].text,
          operator,
          value: value.replace(/^[ \t]+/, ""),
        };
      }
      words.push(token);
    }
  }

  /** The token that begins with `char`; undefined when that begins none. */
  #token(char: string): Token | undefined {
    if (char === "#") {
      this.#at += this.#peekLine().length;
      return undefined;
    }
    if (char === "\\" && this.#text[this.#at + 1] === "\n") {
      this.#at += 2;
      this.#line++;
      return undefined;
    }
    if (char === '"' || char === "'") return this.#quoted(char);
    if (/[\w$-]/.test(char)) return this.#word();
    const operator = operators.find((one) => this.#text.startsWith(one, this.#at));
    // Like conf, which tells of other characters and goes on.
    this.#at += operator?.length ?? 1;
    return operator === undefined ? undefined : { kind: "operator", text: operator };
  }

  /** A word may be made of macros in part; one that comes to nothing is none. */
  #word(): Token | undefined {
    const line = this.#peekLine();
    let text = "";
    let at = 0;
    for (; at < line.length && /[\w$-]/.test(line[at] ?? ""); ) {
      if (line[at] !== "$") {
        text += line[at++];
        continue;
      }
      const expanded = this.#macros.expandAt(line, at, this.#place());
      text += expanded.text;
      at = expanded.end;
    }
    this.#at += at;
    return text === "" ? undefined : { kind: "word", text };
  }

  #quoted(quote: string): Token {
    const line = this.#peekLine();
    let text = "";
    let at = 1;
    for (; at < line.length && line[at] !== quote; ) {
      const char = line[at] ?? "";
      if (char === "$") {
        const expanded = this.#macros.expandAt(line, at, this.#place());
        text += expanded.text;
        at = expanded.end;
        continue;
      }
      const isEscape = char === "\\";
      text += isEscape ? (line[at + 1] ?? "") : char;
      at += isEscape ? 2 : 1;
    }
    this.#at += Math.min(at + 1, line.length);
    return { kind: "quoted", text };
  }
}

const operators = ["||", "&&", "!=", "<=", ">=", ":=", "+=", "=", "<", ">", "!", "(", ")"];

function assignmentOperator({ kind, text }: Token): AssignmentOperator | undefined {
  if (kind !== "operator") return undefined;
  return text === "=" || text === ":=" || text === "+=" ? text : undefined;
}

function indentOf(line: string): number {
  let width = 0;
  for (const char of line) {
    if (char === "\t") width = width - (width % 8) + 8;
    else if (char === " ") width++;
    else break;
  }
  return width;
}
