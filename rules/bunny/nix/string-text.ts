// Strings of Nix. Source: Nix Reference Manual, "String literal".

import type { Source, Span } from "../../../src/index.ts";
import { NixError } from "./nix-value.ts";

/** What a string stands for, and where it ends. */
export interface ReadString {
  readonly value: string;
  /** The offset behind it. */
  readonly end: number;
}

/** The string in `"` that begins at `start`. Throws a NixError. */
export function plainText(source: Source, start: number): ReadString {
  const { text } = source;
  let value = "";
  for (let at = start + 1; at < text.length; ) {
    const character = text[at]!;
    if (character === '"') return { value, end: at + 1 };
    refuseInterpolation(source, at);
    if (character === "\\" && at + 1 < text.length) {
      value += escapes[text[at + 1]!] ?? text[at + 1]!;
      at += 2;
    } else if (text.startsWith("$${", at)) {
      // Two dollars are no interpolation.
      value += "$${";
      at += 3;
    } else {
      value += character === "\r" && text[at + 1] === "\n" ? "" : character;
      at++;
    }
  }
  throw unended(source, start, 1);
}

/** The string in `''` that begins at `start`, less what all its lines are indented by. */
export function indentedText(source: Source, start: number): ReadString {
  const { text } = source;
  /** What was escaped is no indentation, and no end of a line that has one. */
  const parts: { readonly text: string; readonly isEscaped: boolean }[] = [];
  const add = (one: string, isEscaped = false): void => void parts.push({ text: one, isEscaped });
  for (let at = start + 2; at < text.length; ) {
    refuseInterpolation(source, at);
    if (text.startsWith("'''", at)) {
      add("''", true);
      at += 3;
    } else if (text.startsWith("''$", at)) {
      add("$", true);
      at += 3;
    } else if (text.startsWith("''\\", at) && at + 3 < text.length) {
      add(escapes[text[at + 3]!] ?? text[at + 3]!, true);
      at += 4;
    } else if (text.startsWith("''", at)) {
      return { value: unindented(parts), end: at + 2 };
    } else {
      const length = text.startsWith("$${", at) ? 3 : 1;
      add(text.slice(at, at + length));
      at += length;
    }
  }
  throw unended(source, start, 2);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

type Parts = readonly { readonly text: string; readonly isEscaped: boolean }[];

/** Source: Nix, `stripIndentation`. A first line of blanks alone goes; so do blanks of the last. */
function unindented(parts: Parts): string {
  const lines: Parts[] = [];
  let line: Parts[number][] = [];
  for (const part of parts) {
    if (part.text === "\n" && !part.isEscaped) {
      lines.push(line);
      line = [];
    } else line.push(part);
  }
  lines.push(line);
  const indentOf = (one: Parts): number => {
    const found = one.findIndex(({ text, isEscaped }) => isEscaped || text !== " ");
    return found < 0 ? Infinity : found;
  };
  const common = Math.min(...lines.map(indentOf));
  const cut = lines.map((one) => one.slice(Math.min(common, one.length)));
  if (cut.length > 1 && lines[0]!.every(({ text, isEscaped }) => text === " " && !isEscaped)) {
    cut.shift();
  }
  const last = cut.at(-1);
  if (last !== undefined && last.every(({ text, isEscaped }) => text === " " && !isEscaped)) {
    cut[cut.length - 1] = [];
  }
  return cut.map((one) => one.map(({ text }) => text).join("")).join("\n");
}

function refuseInterpolation(source: Source, at: number): void {
  if (!source.text.startsWith("${", at)) return;
  const span: Span = { source, start: at, end: at + 2 };
  const help = "write the value itself; a dollar alone needs no escape";
  throw new NixError("what stands in ${…} is known to Nix alone", span, help);
}

function unended(source: Source, start: number, length: number): NixError {
  return new NixError("this string does not end", { source, start, end: start + length });
}
