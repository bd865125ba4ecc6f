// Files of Nix that are data → values. Evaluates nothing: what is more than data is told.

import type { Report, Source } from "../../../src/index.ts";
import { NixError, type NixEntry, type NixValue } from "./nix-value.ts";
import { type Token, tokensOf } from "./token.ts";

/** The value in `source`; undefined when it is none, which is reported. */
export function parseNix(source: Source, report: Report): NixValue | undefined {
  try {
    if (source.text.length > maxLength) {
      const at = { source, start: 0, end: 0 };
      throw new NixError("the file is larger than 1 MiB", at);
    }
    return new NixReader(tokensOf(source)).readWhole();
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    const { message, at, help } = error;
    report({ severity: "error", code: "nix-syntax", message, at, ...(help && { help }) });
    return undefined;
  }
}

const maxLength = 1 << 20;
/** How many sets and lists may stand inside each other. */
const maxDepth = 100;

class NixReader {
  readonly #tokens: Iterator<Token>;
  #next: Token;

  constructor(tokens: Generator<Token>) {
    this.#tokens = tokens;
    this.#next = tokens.next().value as Token;
  }

  readWhole(): NixValue {
    const value = this.#readValue(0);
    if (this.#next.kind === "end") return value;
    const isFunction = this.#next.text === ":";
    throw this.#unexpected(isFunction ? "a function, which only Nix can call" : "more");
  }

  #readValue(depth: number): NixValue {
    const token = this.#next;
    const { at, text } = token;
    if (depth > maxDepth) {
      throw new NixError(`more than ${maxDepth} sets and lists stand inside each other`, at);
    }
    if (token.kind === "string") {
      this.#advance();
      return this.#alone({ kind: "string", at, text });
    }
    if (token.kind === "word" && literalForm.test(text)) {
      this.#advance();
      return this.#alone({ kind: "literal", at, text });
    }
    if (text === "rec" || text === "{") return this.#readSet(depth);
    if (text === "[") return this.#readList(depth);
    const what = token.kind === "word" ? `\`${text}\`, which only Nix can know` : "no value";
    throw this.#unexpected(token.kind === "end" ? "the end of the file" : what);
  }

  /** `value`, unless something is done with it. */
  #alone(value: NixValue): NixValue {
    if (!["+", "++", "//", "?", "."].includes(this.#next.text)) return value;
    throw this.#unexpected(`\`${this.#next.text}\`, which only Nix can carry out`);
  }

  #readSet(depth: number): NixValue {
    const { at } = this.#next;
    if (this.#next.text === "rec") this.#advance();
    this.#take("{");
    const entries = new Map<string, NixEntry>();
    while (this.#next.text !== "}" || this.#next.kind !== "punctuation") {
      this.#readBinding(entries, depth);
    }
    const end = this.#take("}").at.end;
    return this.#alone({ kind: "set", at: { ...at, end }, entries });
  }

  #readBinding(entries: Map<string, NixEntry>, depth: number): void {
    const token = this.#next;
    if (token.kind !== "string" && !(token.kind === "word" && nameForm.test(token.text))) {
      throw this.#unexpected(token.kind === "end" ? "the end of the file" : "no name");
    }
    if (token.text === "inherit" && token.kind === "word") {
      throw this.#unexpected("`inherit`, which only Nix can carry out");
    }
    this.#advance();
    // A dot makes sets of sets; with words, it is part of the word.
    if (this.#next.text === "." || (token.kind === "word" && token.text.includes("."))) {
      const help = "write { a = { b = …; }; } in place of a.b";
      throw new NixError("names with dots are not read here", token.at, help);
    }
    const name = token.text;
    const earlier = entries.get(name);
    if (earlier !== undefined) {
      throw new NixError(`"${name}" stands twice in this set`, token.at, "Nix refuses it as well");
    }
    this.#take("=");
    const value = this.#readValue(depth + 1);
    this.#take(";");
    entries.set(name, { name, nameAt: token.at, value });
  }

  #readList(depth: number): NixValue {
    const { at } = this.#take("[");
    const items: NixValue[] = [];
    while (this.#next.text !== "]" || this.#next.kind !== "punctuation") {
      items.push(this.#readValue(depth + 1));
    }
    const end = this.#take("]").at.end;
    return this.#alone({ kind: "list", at: { ...at, end }, items });
  }

  #take(text: string): Token {
    const token = this.#next;
    if (token.text === text && token.kind === "punctuation") {
      this.#advance();
      return token;
    }
    const found = token.kind === "end" ? "the end of the file" : shown(token);
    throw new NixError(`expected \`${text}\`, and this is ${found}`, token.at);
  }

  #advance(): void {
    if (this.#next.kind !== "end") this.#next = this.#tokens.next().value as Token;
  }

  #unexpected(what: string): NixError {
    const help = "a set of names and texts is all that may stand here";
    return new NixError(`expected a value, and this is ${what}`, this.#next.at, help);
  }
}

function shown({ kind, text }: Token): string {
  return kind === "string" ? "a string" : `\`${text}\``;
}

/** Numbers, truth values, nothing, and paths, which have a slash. */
const literalForm = /^(-?\d+(\.\d*)?|true|false|null|[^/]*\/.*)$/;
const nameForm = /^[A-Za-z_][A-Za-z0-9_'.-]*$/;
