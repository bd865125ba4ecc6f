import type { Statement } from "./statement.ts";

/** A part of a statement's text, as it is written. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The words of `text` from `from`, at blanks that are neither quoted nor escaped. */
export function wordsOf({ text, escape }: Pick<Statement, "text" | "escape">, from = 0): Word[] {
  const words: Word[] = [];
  let start = -1;
  let quote: string | undefined;
  for (let i = from; i <= text.length; i++) {
    const character = text[i];
    const isBlank = character === undefined || (quote === undefined && /\s/.test(character));
    if (isBlank) {
      if (start !== -1) words.push({ text: text.slice(start, i), start, end: i });
      start = -1;
      continue;
    }
    if (start === -1) start = i;
    if (character === escape && quote !== "'") i++;
    else if (quote === undefined && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = undefined;
  }
  return words;
}

/** The words of `text` in instructions to which quotes and escapes mean nothing before variables. */
export function blankSeparated(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** A flag of an instruction, such as `--from=build`; of `--link` the value is undefined. */
export interface Flag {
  readonly name: string;
  readonly value: string | undefined;
  readonly word: Word;
}

/** The flags that `statement` begins with, and where the rest of its text begins. */
export function flagsOf(statement: Statement): { flags: Flag[]; rest: number } {
  const flags: Flag[] = [];
  let rest = 0;
  for (const word of wordsOf(statement)) {
    if (!word.text.startsWith("--")) {
      rest = word.start;
      return { flags, rest };
    }
    rest = word.end;
    if (word.text === "--") break;
    const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(word.text) ?? [];
    flags.push({ name, value: value === undefined ? undefined : unquotedFlag(value), word });
  }
  const behind = statement.text.slice(rest);
  return { flags, rest: rest + (behind.length - behind.trimStart().length) };
}

/** Flags may be quoted in whole or in part; quotes are no part of their value. */
function unquotedFlag(value: string): string {
  return value.replaceAll(/"((?:\\.|[^"])*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
    double === undefined ? (single ?? "") : double,
  );
}

/** The strings of `text` when it is a JSON array of strings, which is another form of commands. */
export function jsonWordsOf(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isList = Array.isArray(value) && value.every((one) => typeof one === "string");
    return isList ? (value as string[]) : undefined;
  } catch {
    return undefined;
  }
}
