// Variables in words of a Dockerfile. Source: Dockerfile reference, "Environment replacement".

import { shellPattern } from "./pattern.ts";

/** What a variable stands for; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** A mistake in a word, one line. */
export class ExpansionError extends Error {
  override readonly name = "ExpansionError";
}

/** `word` with its variables replaced, and without its quotes and escapes. Throws an ExpansionError. */
export function expandWord(word: string, lookup: Lookup, escape = "\\"): string {
  return new Expansion(word, { lookup, escape, keepsQuotes: false }).all();
}

/** `text` with its variables replaced, and all else as it is. Throws an ExpansionError. */
export function expandText(text: string, lookup: Lookup, escape = "\\"): string {
  return new Expansion(text, { lookup, escape, keepsQuotes: true }).all();
}

interface ExpansionOptions {
  readonly lookup: Lookup;
  readonly escape: string;
  /** As in a here-document. */
  readonly keepsQuotes: boolean;
}

/** One pass over a text. */
class Expansion {
  readonly #text: string;
  readonly #options: ExpansionOptions;
  #at = 0;

  constructor(text: string, options: ExpansionOptions) {
    this.#text = text;
    this.#options = options;
  }

  all(): string {
    return this.#until(undefined);
  }

  /** What stands before `end`, which is passed. */
  #until(end: string | undefined): string {
    const { escape, keepsQuotes } = this.#options;
    let result = "";
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) {
        if (end === undefined) return result;
        throw new ExpansionError(`\${ has no }`);
      }
      this.#at++;
      if (character === end) return result;
      if (character === "'" && !keepsQuotes) result += this.#singleQuoted();
      else if (character === '"' && !keepsQuotes) result += this.#doubleQuoted();
      else if (character === "$") result += this.#variable();
      else if (character === escape) result += this.#escaped(keepsQuotes);
      else result += character;
    }
  }

  #escaped(isText: boolean): string {
    const next = this.#text[this.#at];
    if (next === undefined) return isText ? this.#options.escape : "";
    if (isText && next !== "$" && next !== this.#options.escape) return this.#options.escape;
    this.#at++;
    return next;
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at);
    if (end === -1) throw new ExpansionError("a single quote is not closed");
    const quoted = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return quoted;
  }

  #doubleQuoted(): string {
    const { escape } = this.#options;
    let result = "";
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === undefined) throw new ExpansionError("a double quote is not closed");
      if (character === '"') return result;
      if (character === "$") {
        result += this.#variable();
        continue;
      }
      const next = this.#text[this.#at];
      if (character === escape && next !== undefined) {
        this.#at++;
        // Before other characters it stands for itself.
        result += next === '"' || next === "$" || next === escape ? next : escape + next;
        continue;
      }
      result += character;
    }
  }

  /** What the variable behind a `$` stands for. */
  #variable(): string {
    if (this.#text[this.#at] === "{") return this.#braced();
    const [name] = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#])/.exec(this.#text.slice(this.#at)) ?? [];
    if (name === undefined) return "$";
    this.#at += name.length;
    return this.#options.lookup(name) ?? "";
  }

  #braced(): string {
    this.#at++;
    const [name] = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#]+)/.exec(this.#text.slice(this.#at)) ?? [];
    if (name === undefined) throw new ExpansionError(`\${ is not followed by a name`);
    this.#at += name.length;
    const value = this.#options.lookup(name);
    const [operator = ""] =
      /^(?::[-+?]|##?|%%?|\/\/?|[-+?}])/.exec(this.#text.slice(this.#at)) ?? [];
    this.#at += operator.length;
    if (operator === "}") return value ?? "";
    if (operator.startsWith("/")) return this.#replaced(value ?? "", operator === "//");
    if (operator === "") throw new ExpansionError(`\${${name} is followed by what is no modifier`);
    const word = this.#until("}");
    return modified({ name, value, operator, word });
  }

  #replaced(value: string, isGlobal: boolean): string {
    const pattern = this.#until("/");
    const replacement = this.#until("}");
    const expression = shellPattern(pattern, { isGreedy: true });
    const matcher = new RegExp(expression, isGlobal ? "gs" : "s");
    return value.replace(matcher, () => replacement);
  }
}

interface Modifier {
  readonly name: string;
  readonly value: string | undefined;
  readonly operator: string;
  readonly word: string;
}

function modified({ name, value, operator, word }: Modifier): string {
  const isGiven = operator.startsWith(":")
    ? value !== undefined && value !== ""
    : value !== undefined;
  switch (operator.at(-1)) {
    case "-":
      return isGiven ? (value ?? "") : word;
    case "+":
      return isGiven ? word : "";
    case "?":
      if (isGiven) return value ?? "";
      throw new ExpansionError(`${name}: ${word === "" ? "is not set" : word}`);
    case "#":
      return trimStart(value ?? "", word, operator === "##");
    default:
      return trimEnd(value ?? "", word, operator === "%%");
  }
}

function trimStart(value: string, pattern: string, isGreedy: boolean): string {
  const found = new RegExp(`^${shellPattern(pattern, { isGreedy })}`, "s").exec(value);
  return found === null ? value : value.slice(found[0].length);
}

/** The shortest or longest end: patterns find from the left, so ends are tried one by one. */
function trimEnd(value: string, pattern: string, isGreedy: boolean): string {
  const whole = new RegExp(`^${shellPattern(pattern, { isGreedy: true })}$`, "s");
  const starts = Array.from({ length: value.length + 1 }, (_, i) => i);
  const start = (isGreedy ? starts : starts.reverse()).find((one) => whole.test(value.slice(one)));
  return start === undefined ? value : value.slice(0, start);
}
