import type { Source, Span } from "../../../src/index.ts";
import { NixError } from "./nix-value.ts";
import { indentedText, plainText } from "./string-text.ts";

/** A word of a Nix file. */
export interface Token {
  readonly kind: "string" | "word" | "punctuation" | "end";
  /** Of a string, what it stands for. */
  readonly text: string;
  readonly at: Span;
}

/** The words of `source`, the last of which is its end. Throws a NixError for what is no word. */
export function* tokensOf(source: Source): Generator<Token> {
  const { text } = source;
  const span = (start: number, end: number): Span => ({ source, start, end });
  let at = 0;
  for (;;) {
    at = afterBlanks(source, at);
    const character = text[at];
    if (character === undefined) return yield { kind: "end", text: "", at: span(at, at) };
    const start = at;
    if (character === '"' || text.startsWith("''", at)) {
      const read = character === '"' ? plainText : indentedText;
      const { value, end } = read(source, at);
      at = end;
      yield { kind: "string", text: value, at: span(start, end) };
      continue;
    }
    const word = wordForm.exec(text.slice(at, at + 4096))?.[0];
    at += word?.length ?? 1;
    const kind = word === undefined ? "punctuation" : "word";
    yield { kind, text: word ?? character, at: span(start, at) };
  }
}

/** Identifiers, numbers and paths: what of these a word is, is seen by its form. */
const wordForm = /^[A-Za-z0-9_~./+-][A-Za-z0-9_'~./+-]*/;

function afterBlanks(source: Source, from: number): number {
  const { text } = source;
  for (let at = from; ; ) {
    if (/\s/.test(text[at] ?? "")) at++;
    else if (text[at] === "#") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      const span = { source, start: at, end: at + 2 };
      if (end < 0) throw new NixError("this comment does not end", span);
      at = end + 2;
    } else return at;
  }
}
