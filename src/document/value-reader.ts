import type { Alias, Document, Node, Scalar } from "yaml";

import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";
import type { Entry, MapValue, ScalarValue, Value } from "./document.ts";
import { maxDepth, yaml } from "./yaml-syntax.ts";

/** Aliases can make a few lines into billions of values; no file that is meant repeats so many. */
const maxRepeated = 100_000;

/**
 * Reads the nodes of one document to values: aliases and merge keys (`<<`) are carried out, and
 * what neither text nor structure can be is reported.
 */
export class ValueReader {
  readonly #source: Source;
  readonly #report: Report;
  readonly #targets: ReadonlyMap<Alias, Node | undefined>;
  /** The collections being read, in any of which an alias to itself would have no end. */
  readonly #open = new Set<Node>();
  /** How many aliases the reading stands inside of. */
  #aliases = 0;
  #repeated = 0;
  #isTooLarge = false;

  constructor(document: Document.Parsed, source: Source, report: Report) {
    this.#source = source;
    this.#report = report;
    this.#targets = aliasTargets(document);
  }

  /** The value of `node`; undefined when the file makes more values than can be meant. */
  readWhole(node: Node): Value | undefined {
    const value = this.#read(node, 0);
    return this.#isTooLarge ? undefined : value;
  }

  #read(written: Node | null, depth: number, at = this.#spanOf(written)): Value {
    if (written === null || this.#isTooLarge) return nothingAt(at);
    if (!yaml().isAlias(written)) return this.#readNode(written, depth, at);
    const target = this.#targetOf(written, at);
    if (target === undefined) return nothingAt(at);
    this.#aliases++;
    const value = this.#readNode(target, depth, at);
    this.#aliases--;
    return value;
  }

  #readNode(node: Node, depth: number, at: Span): Value {
    if (this.#aliases > 0) this.#repeated++;
    if (depth > maxDepth || this.#repeated > maxRepeated) {
      this.#isTooLarge = true;
      this.#error("aliases make this file too deep, or too large, to read", at);
      return nothingAt(at);
    }
    if (yaml().isScalar(node)) return this.#readScalar(node, at);
    this.#open.add(node);
    const value = this.#readCollection(node, depth, at);
    this.#open.delete(node);
    return value;
  }

  /** Undefined, with an error reported, when `alias` leads nowhere or to what it stands in. */
  #targetOf(alias: Alias, at: Span): Node | undefined {
    const target = this.#targets.get(alias);
    if (target === undefined) {
      this.#error(`there is no anchor "&${alias.source}" above this alias`, at);
    } else if (this.#open.has(target)) {
      this.#error(`the alias "*${alias.source}" stands inside what it names`, at);
      return undefined;
    }
    return target;
  }

  #readCollection(node: Node, depth: number, at: Span): Value {
    const { isMap, isSeq } = yaml();
    if (isMap(node)) return this.#readMap(node.items as Pair[], depth, at);
    if (!isSeq(node)) return nothingAt(at);
    const items = node.items.map((item) => this.#read(item as Node | null, depth + 1));
    return { kind: "list", at, items };
  }

  #readMap(pairs: readonly Pair[], depth: number, at: Span): MapValue {
    const { isAlias, isScalar } = yaml();
    const entries = new Map<string, Entry>();
    const merged: Value[] = [];
    for (const pair of pairs) {
      const keyAt = this.#spanOf(pair.key);
      const keyNode = isAlias(pair.key) ? this.#targetOf(pair.key, keyAt) : pair.key;
      if (!isScalar(keyNode)) {
        this.#error("a key must be text", keyAt);
        continue;
      }
      const key = textOf(keyNode);
      const valueAt = pair.value === null ? keyAt : this.#spanOf(pair.value);
      const value = this.#read(pair.value, depth + 1, valueAt);
      if (key === "<<" && !isQuoted(keyNode)) merged.push(value);
      else this.#addEntry(entries, { key, keyAt, value });
    }
    for (const value of merged) this.#merge(entries, value);
    return { kind: "map", at, entries };
  }

  #addEntry(entries: Map<string, Entry>, entry: Entry): void {
    const earlier = entries.get(entry.key);
    if (earlier !== undefined) {
      this.#report({
        severity: "warning",
        code: "duplicate-key",
        message: `"${entry.key}" stands here again; the last one counts`,
        at: entry.keyAt,
        related: [{ message: "first here", at: earlier.keyAt }],
      });
      entries.delete(entry.key);
    }
    entries.set(entry.key, entry);
  }

  /** Adds what `value` has and `entries` has not; of several maps, an earlier one wins. */
  #merge(entries: Map<string, Entry>, value: Value): void {
    for (const map of value.kind === "list" ? value.items : [value]) {
      if (map.kind !== "map") {
        this.#error("`<<` takes a map, or a list of maps", map.at);
        continue;
      }
      for (const entry of map.entries.values()) {
        if (!entries.has(entry.key)) entries.set(entry.key, entry);
      }
    }
  }

  #readScalar(node: Scalar, at: Span): ScalarValue {
    const text = textOf(node);
    const rest = { kind: "scalar", at, text, isQuoted: isQuoted(node) } as const;
    const value = node.value;
    if (typeof value === "bigint") {
      const number = Number(value);
      return { value: Number.isSafeInteger(number) ? number : text, ...rest };
    }
    const isPlain = ["string", "number", "boolean"].includes(typeof value);
    return { value: isPlain ? (value as string | number | boolean) : null, ...rest };
  }

  #spanOf(node: Node | null): Span {
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
  readonly key: Node | null;
  readonly value: Node | null;
}

function nothingAt(at: Span): ScalarValue {
  return { kind: "scalar", at, value: null, text: "", isQuoted: false };
}

function isQuoted(node: Scalar): boolean {
  return node.type !== undefined && node.type !== yaml().Scalar.PLAIN;
}

function textOf(node: Scalar): string {
  return typeof node.value === "string" ? node.value : (node.source ?? "");
}

/**
 * What each alias names: the last anchor of that name above it. The library's own lookup walks
 * the whole document for each alias, which takes minutes where there are many.
 */
function aliasTargets(document: Document.Parsed): ReadonlyMap<Alias, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | undefined>();
  yaml().visit(document, {
    Alias: (_, alias) => void targets.set(alias, anchors.get(alias.source)),
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node as Node);
    },
  });
  return targets;
}
