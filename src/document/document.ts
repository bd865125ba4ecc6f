// YAML as values that know where they stand. Knows no file system and no schema.

import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";
import { withBoundedReport } from "./bounded-report.ts";
import { readSimple } from "./simple-reader.ts";
import { ValueReader } from "./value-reader.ts";
import { composeYaml } from "./yaml-syntax.ts";

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
  /** As YAML 1.2's core schema reads it; integers that no double holds exactly keep their text. */
  readonly value: string | number | boolean | null;
  /** As it stands in the file, without quotes; what a version such as `1.10` must be read from. */
  readonly text: string;
  /** False for plain scalars, which may be numbers or booleans. */
  readonly isQuoted: boolean;
}

/**
 * The value in `source`. Undefined when the file holds none, or more than can be meant, of which
 * only the latter is reported. Syntax errors, keys that are no text and duplicate keys (the last
 * wins) are reported, and reading goes on. Aliases stand for what they name, and `<<` takes in the
 * keys of other maps; whatever the file contains, reading it is quick and ends.
 */
export function parseDocument(source: Source, report: Report): Value | undefined {
  return readSimple(source) ?? parseWhole(source, report);
}

/** As `parseDocument`, by way of the library, which knows all of YAML and takes its time. */
export function parseWhole(source: Source, report: Report): Value | undefined {
  return withBoundedReport(report, (bounded) => {
    const document = composeYaml(source, bounded);
    if (document === undefined || document.contents === null) return undefined;
    return new ValueReader(document, source, bounded).readWhole(document.contents);
  });
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
