// YAML as values that know where they stand. Knows no file system and no schema.

import {
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node as YamlNode,
  type ParsedNode,
  parseDocument as parseYaml,
  Scalar,
} from "yaml";

import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";

/** A value in a YAML file, with its place. */
export type Value = MapValue | ListValue | ScalarValue;

/** A mapping. Keys are text, whatever YAML makes of them; no key occurs twice. */
export interface MapValue {
  readonly kind: "map";
  readonly at: Span;
  /** In the order of the file. */
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A key of a mapping, with its value. */
export interface Entry {
  readonly key: string;
  readonly keyAt: Span;
  readonly value: Value;
}

/** A sequence. */
export interface ListValue {
  readonly kind: "list";
  readonly at: Span;
  readonly items: readonly Value[];
}

/** Anything else: text, a number, a boolean, or nothing. */
export interface ScalarValue {
  readonly kind: "scalar";
  readonly at: Span;
  /** As YAML 1.2's core schema reads it; big integers keep their text. */
  readonly value: string | number | boolean | null;
  /** As it stands in the file, without quotes; what a version such as `1.10` must be read from. */
  readonly text: string;
  /** False for plain scalars, which may be numbers or booleans. */
  readonly isQuoted: boolean;
}

/**
 * The value in `source`. Undefined when the file holds none; syntax errors, keys that are no text
 * (`non-string keys`) and duplicate keys (the last wins) are reported, and reading goes on.
 */
export function parseDocument(source: Source, report: Report): Value | undefined {
  const spanOf = (start: number, end: number): Span => ({ source, start, end });
  const document = parseYaml(source.text, {
    uniqueKeys: false,
    lineCounter: new LineCounter(),
    prettyErrors: false,
    keepSourceTokens: false,
    stringKeys: false,
    intAsBigInt: true,
    logLevel: "silent",
  });
  for (const error of document.errors) {
    const [start, end] = error.pos;
    report({
      severity: "error",
      code: "yaml-syntax",
      message: messageOf(error.code, error.message),
      at: spanOf(start, Math.max(end, start + 1)),
    });
  }
  if (document.contents === null) return undefined;
  const reader = new Reader(source, report, (node) => {
    const resolved = isAlias(node) ? node.resolve(document) : node;
    return resolved as YamlNode | undefined;
  });
  return reader.read(document.contents as ParsedNode, 0);
}

/** `value` as plain data, as JSON would have it. */
export function plainOf(value: Value): unknown {
  switch (value.kind) {
    case "scalar":
      return value.value;
    case "list":
      return value.items.map(plainOf);
    case "map":
      // From entries, so that a key named __proto__ is a key like any other.
      return Object.fromEntries(
        [...value.entries].map(([key, entry]) => [key, plainOf(entry.value)]),
      );
  }
}

/** Deeper than any file that is meant, and well below where recursion would end. */
const maxDepth = 200;
/** More than any file that is meant; aliases can make a few lines into billions of values. */
const maxValues = 1_000_000;

class Reader {
  readonly #source: Source;
  readonly #report: Report;
  readonly #resolve: (node: YamlNode) => YamlNode | undefined;
  #values = 0;
  #isTooLarge = false;

  constructor(source: Source, report: Report, resolve: (node: YamlNode) => YamlNode | undefined) {
    this.#source = source;
    this.#report = report;
    this.#resolve = resolve;
  }

  read(written: YamlNode | null, depth: number, at = this.#spanOf(written)): Value {
    const nothing: ScalarValue = { kind: "scalar", at, value: null, text: "", isQuoted: false };
    const node = written === null ? undefined : this.#resolve(written);
    if (node === undefined || this.#isTooLarge) return nothing;
    if (depth > maxDepth || ++this.#values > maxValues) {
      this.#isTooLarge = true;
      this.#error("the file is nested too deep, or too large", at);
      return nothing;
    }
    if (isMap(node)) return this.#readMap(node.items as Pair[], depth, at);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item as YamlNode | null, depth + 1));
      return { kind: "list", at, items };
    }
    return isScalar(node) ? this.#readScalar(node, at) : nothing;
  }

  #readMap(pairs: readonly Pair[], depth: number, at: Span): MapValue {
    const entries = new Map<string, Entry>();
    for (const pair of pairs) {
      const keyAt = this.#spanOf(pair.key);
      const keyNode = pair.key === null ? undefined : this.#resolve(pair.key);
      if (!isScalar(keyNode)) {
        this.#error("a key must be text", keyAt);
        continue;
      }
      const key = keyNode.source ?? "";
      const valueAt = pair.value === null ? keyAt : this.#spanOf(pair.value);
      const earlier = entries.get(key);
      if (earlier !== undefined) {
        this.#report({
          severity: "warning",
          code: "duplicate-key",
          message: `"${key}" stands here again; the last one counts`,
          at: keyAt,
          related: [{ message: "first here", at: earlier.keyAt }],
        });
        entries.delete(key);
      }
      entries.set(key, { key, keyAt, value: this.read(pair.value, depth + 1, valueAt) });
    }
    return { kind: "map", at, entries };
  }

  #readScalar(node: Scalar, at: Span): ScalarValue {
    const isQuoted = node.type !== undefined && node.type !== Scalar.PLAIN;
    const text = typeof node.value === "string" ? node.value : (node.source ?? "");
    const value = node.value;
    if (typeof value === "bigint") {
      const exact = Number(value);
      return { kind: "scalar", at, value: BigInt(exact) === value ? exact : text, text, isQuoted };
    }
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return { kind: "scalar", at, value, text, isQuoted };
    }
    return { kind: "scalar", at, value: null, text, isQuoted };
  }

  #spanOf(node: YamlNode | null): Span {
    const [start, end] = node?.range ?? [0, 0];
    // A block's range runs to the start of what follows it; its own text ends before the space.
    const trimmed = this.#source.text.slice(start, end).trimEnd().length;
    return { source: this.#source, start, end: start + trimmed };
  }

  #error(message: string, at: Span): void {
    this.#report({ severity: "error", code: "yaml-syntax", message, at });
  }
}

interface Pair {
  readonly key: YamlNode | null;
  readonly value: YamlNode | null;
}

/** The library's wording, less the position that it may carry, as our first lines are written. */
function messageOf(code: ErrorCode, message: string): string {
  if (code === "MULTIPLE_DOCS") return "only one document may stand in a file";
  const [headline = message] = message.split("\n");
  return headline.charAt(0).toLowerCase() + headline.slice(1);
}
