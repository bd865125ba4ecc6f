// JSON as values that know their place. Knows no manifest. Source: RFC 8259.

import type { Report, Source, Span } from "../../../src/index.ts";

/** A value of JSON, and where it stands. */
export type JsonValue =
  | { readonly kind: "object"; readonly members: readonly JsonMember[]; readonly at: Span }
  | { readonly kind: "array"; readonly items: readonly JsonValue[]; readonly at: Span }
  | { readonly kind: "string"; readonly text: string; readonly at: Span }
  | { readonly kind: "number"; readonly value: number; readonly at: Span }
  | { readonly kind: "literal"; readonly at: Span };

/** A member of an object; of several with one key, all are there. */
export interface JsonMember {
  readonly key: string;
  readonly keyAt: Span;
  readonly value: JsonValue;
}

/** What `source` holds; undefined when it is no JSON, which is reported at its place. */
export function parseJson(source: Source, report: Report): JsonValue | undefined {
  try {
    return new JsonReader(source).document();
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const { message, start } = error;
    const end = Math.min(start + 1, source.text.length);
    report({ severity: "error", code: "bad-manifest", message, at: { source, start, end } });
    return undefined;
  }
}

class SyntaxProblem extends Error {
  readonly start: number;

  constructor(message: string, start: number) {
    super(message);
    this.start = start;
  }
}

/** Far deeper than any manifest, and far from what a stack holds. */
const deepest = 100;

class JsonReader {
  readonly #source: Source;
  #position = 0;
  #depth = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skipBlanks();
    if (this.#position < this.#source.text.length) this.#fail("nothing may follow the value");
    return value;
  }

  #value(): JsonValue {
    this.#skipBlanks();
    const start = this.#position;
    const text = this.#source.text;
    if (text[start] === "{" || text[start] === "[") return this.#nested(text[start]);
    if (text[start] === '"') return { kind: "string", text: this.#string(), at: this.#from(start) };
    const word = this.#take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y);
    if (word === undefined) this.#fail("a value of JSON belongs here");
    const at = this.#from(start);
    return /^[tfn]/.test(word) ? { kind: "literal", at } : { kind: "number", value: +word, at };
  }

  #nested(open: "{" | "["): JsonValue {
    const start = this.#position;
    if (++this.#depth > deepest) this.#fail("this is nested too deeply");
    this.#position++;
    const members = open === "{" ? this.#list("}", () => this.#member()) : [];
    const items = open === "[" ? this.#list("]", () => this.#value()) : [];
    this.#depth--;
    const at = this.#from(start);
    return open === "{" ? { kind: "object", members, at } : { kind: "array", items, at };
  }

  /** What `read` gives, with commas between, up to `close`. */
  #list<T>(close: string, read: () => T): T[] {
    const found: T[] = [];
    this.#skipBlanks();
    if (this.#has(close)) return found;
    do found.push(read());
    while (this.#has(","));
    if (!this.#has(close)) this.#fail(`a comma or ${close} belongs here`);
    return found;
  }

  #member(): JsonMember {
    this.#skipBlanks();
    const start = this.#position;
    if (this.#source.text[start] !== '"') this.#fail('a key in "…" belongs here');
    const key = this.#string();
    const keyAt = this.#from(start);
    if (!this.#has(":")) this.#fail("a colon belongs here");
    return { key, keyAt, value: this.#value() };
  }

  #string(): string {
    // oxlint-disable-next-line no-control-regex -- which no string may hold
    const word = this.#take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y);
    if (word === undefined) this.#fail("this string does not end, or has a wrong escape");
    return JSON.parse(word) as string;
  }

  #has(character: string): boolean {
    this.#skipBlanks();
    if (this.#source.text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #skipBlanks(): void {
    this.#take(/[ \t\r\n]*/y);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const [found] = pattern.exec(this.#source.text) ?? [];
    this.#position += found?.length ?? 0;
    return found;
  }

  #from(start: number): Span {
    return { source: this.#source, start, end: this.#position };
  }

  #fail(message: string): never {
    throw new SyntaxProblem(`this is no JSON: ${message}`, this.#position);
  }
}
