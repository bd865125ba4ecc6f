// The YAML that most build files are written in, read in one pass. Whatever is the least unusual
// is left to the library, so that there is one place where YAML is understood as a whole.

import type { Source, Span } from "../diagnostic/diagnostic.ts";
import type { Entry, ListValue, MapValue, ScalarValue, Value } from "./document.ts";
import { maxDepth, maxLength } from "./yaml-syntax.ts";

/**
 * The value in `source`, the very one that the library leads to. Undefined where this reader is not
 * sure of it: block maps and lists, lists and maps of scalars in brackets on one line, and scalars on
 * one line are all that it knows. Ten thousand targets take it a tenth of the time.
 */
export function readSimple(source: Source): Value | undefined {
  if (source.text.length > maxLength || !allKnown.test(source.text)) return undefined;
  return new SimpleReader(source).readWhole();
}

/** Neither tabs nor carriage returns, which have rules of their own. */
const allKnown = /^[\n\x20-\x7e]*$/;

/** An empty line, or one with a comment from its first column on. */
const gap = /(?:#[^\n]*)?\n|#[^\n]*$/y;
const spaces = / */y;
const keyPattern = /([A-Za-z_][\w.-]*):(?: +(?! )|(?=\n))/y;
const lineStart = /[\w/$(.]/y;
const itemPattern = /[\w/$(.][\w/$().@+=:-]*(?= *[,\]}])/y;
const itemKeyPattern = /([A-Za-z_][\w.-]{0,99}): +/y;
const doubleQuoted = /"([^"\\\n]*)"(?=\n|$| *[,\]}])/y;
const singleQuoted = /'([^'\n]*)'(?=\n|$| *[,\]}])/y;
const ending = /\n|$/y;
/** Begins a document, where some have it out of habit. */
const marker = "---\n";

class SimpleReader {
  readonly #source: Source;
  readonly #text: string;
  #at = 0;
  /** Where the last value ended. */
  #end = 0;
  #isUnsure = false;

  constructor(source: Source) {
    this.#source = source;
    this.#text = source.text;
  }

  readWhole(): Value | undefined {
    if (this.#text.startsWith(marker)) this.#at = marker.length;
    if (this.#nextIndent() !== 0) return undefined;
    const value = this.#readBlock(0, 0);
    return this.#nextIndent() === -1 && !this.#isUnsure ? value : undefined;
  }

  /** What begins here, in the column `indent`. */
  #readBlock(indent: number, depth: number): MapValue | ListValue | undefined {
    // Less than the library takes, and more than anybody writes.
    if (depth >= maxDepth / 2) return undefined;
    return this.#text.startsWith("- ", this.#at)
      ? this.#readList(indent, depth)
      : this.#readMap(indent, depth);
  }

  #readMap(indent: number, depth: number): MapValue | undefined {
    const start = this.#at;
    const entries = new Map<string, Entry>();
    do {
      const keyStart = this.#at;
      const key = this.#match(keyPattern)?.[1];
      if (key === undefined || entries.has(key)) return undefined;
      const keyAt = this.#span(keyStart, keyStart + key.length);
      const value = this.#readValue(indent, depth);
      if (value === undefined) return undefined;
      entries.set(key, { key, keyAt, value });
    } while (this.#isNextAt(indent));
    return { kind: "map", at: this.#span(start, this.#end), entries };
  }

  /** The value of a key in the column `indent`: behind it, or in the lines below. */
  #readValue(indent: number, depth: number): Value | undefined {
    if (this.#text[this.#at] !== "\n") return this.#readLine();
    const below = this.#nextIndent();
    return below > indent ? this.#readBlock(below, depth + 1) : undefined;
  }

  #readList(indent: number, depth: number): ListValue | undefined {
    const start = this.#at;
    const items: Value[] = [];
    do {
      if (!this.#text.startsWith("- ", this.#at)) return undefined;
      this.#at += 2;
      keyPattern.lastIndex = this.#at;
      const isMap = keyPattern.test(this.#text);
      const item = isMap ? this.#readMap(indent + 2, depth + 1) : this.#readLine();
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.#isNextAt(indent));
    return { kind: "list", at: this.#span(start, this.#end), items };
  }

  /** What fills the rest of the line. */
  #readLine(): Value | undefined {
    const first = this.#text[this.#at];
    const value =
      first === "["
        ? this.#readBrackets()
        : first === "{"
          ? this.#readBraces()
          : this.#readScalar(() => this.#plainLine());
    return value !== undefined && this.#isAtEnding() ? value : undefined;
  }

  #readBrackets(): ListValue | undefined {
    const start = this.#at;
    const items: Value[] = [];
    const isRead = this.#readItems("]", () => {
      const item = this.#readScalar(() => this.#plainItem());
      return item !== undefined && items.push(item) > 0;
    });
    return isRead ? { kind: "list", at: this.#span(start, this.#end), items } : undefined;
  }

  #readBraces(): MapValue | undefined {
    const start = this.#at;
    const entries = new Map<string, Entry>();
    const isRead = this.#readItems("}", () => {
      const keyStart = this.#at;
      const key = this.#match(itemKeyPattern)?.[1];
      if (key === undefined || entries.has(key)) return false;
      const keyAt = this.#span(keyStart, keyStart + key.length);
      const value = this.#readScalar(() => this.#plainItem());
      return value !== undefined && entries.set(key, { key, keyAt, value }).size > 0;
    });
    return isRead ? { kind: "map", at: this.#span(start, this.#end), entries } : undefined;
  }

  /** Goes on behind `close`, with commas between what `readItem` reads, unless that is unsure. */
  #readItems(close: string, readItem: () => boolean): boolean {
    this.#at++;
    for (let isFirst = true; this.#text[this.#at] !== close || !isFirst; isFirst = false) {
      if (!readItem()) return false;
      this.#match(spaces);
      if (this.#text[this.#at] === close) break;
      if (this.#text[this.#at++] !== ",") return false;
      this.#match(spaces);
    }
    this.#end = ++this.#at;
    return true;
  }

  /** A quoted scalar, or the one that `plain` finds here. */
  #readScalar(plain: () => string | undefined): ScalarValue | undefined {
    const start = this.#at;
    const quoted = this.#match(doubleQuoted) ?? this.#match(singleQuoted);
    const text = quoted?.[1] ?? plain();
    if (text === undefined) return undefined;
    const value = quoted === undefined ? plainValueOf(text) : text;
    if (value === undefined) return undefined;
    this.#end = this.#at;
    const at = this.#span(start, this.#end);
    return { value, kind: "scalar", at, text, isQuoted: quoted !== undefined };
  }

  /** The rest of the line, unless there is more in it than one scalar. */
  #plainLine(): string | undefined {
    lineStart.lastIndex = this.#at;
    if (!lineStart.test(this.#text)) return undefined;
    const end = this.#text.indexOf("\n", this.#at);
    const line = this.#text.slice(this.#at, end === -1 ? undefined : end);
    if (line.includes(": ") || line.includes(" #") || /[: ]$/.test(line)) return undefined;
    this.#at += line.length;
    return line;
  }

  /** The next item in brackets, unless it may be a key. */
  #plainItem(): string | undefined {
    const item = this.#match(itemPattern)?.[0];
    return item !== undefined && /:(?![\w/.])/.test(item) ? undefined : item;
  }

  /** Goes on to the next line that says something, when that one begins in the column `indent`. */
  #isNextAt(indent: number): boolean {
    const before = this.#at;
    const next = this.#nextIndent();
    if (next === indent && this.#at < this.#text.length) return true;
    // A line further in goes on with the scalar above, or is a mistake.
    if (next > indent) this.#isUnsure = true;
    this.#at = before;
    return false;
  }

  /** Goes to the first word of the next line that has one, and gives its column; -1: the end. */
  #nextIndent(): number {
    while (this.#match(gap) !== undefined);
    const indent = this.#match(spaces)?.[0].length ?? 0;
    // One that is further in can belong to the collection above.
    if (this.#text[this.#at] === "#") this.#isUnsure = true;
    return indent === 0 && this.#at === this.#text.length ? -1 : indent;
  }

  #isAtEnding(): boolean {
    ending.lastIndex = this.#at;
    return ending.test(this.#text);
  }

  /** What `sticky` finds here, and behind which reading goes on. */
  #match(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  #span(start: number, end: number): Span {
    return { source: this.#source, start, end };
  }
}

/** What a plain scalar comes to; undefined for what only looks like text, or like a number. */
function plainValueOf(text: string): ScalarValue["value"] | undefined {
  if (/^(?:[A-Za-z_/$(]|\.\.?\/)/.test(text)) {
    if (text === "true") return true;
    if (text === "false") return false;
    return /^(?:true|false|null)$/i.test(text) ? undefined : text;
  }
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
}
