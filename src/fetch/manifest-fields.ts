// Values of manifests, with what is wrong with them. Knows not what a manifest is.

import { positionOf, type Span } from "../diagnostic/diagnostic.ts";
import type { MapValue, Value } from "../document/document.ts";

/** More are counted, but not kept: a file of garbage has one at each value. */
const keptProblems = 20;

/** Gathers what is wrong, as `ADDRESS:line:column: message`. */
export class Problems {
  readonly #found: string[] = [];
  #count = 0;

  /** Gives nothing, for those who have nothing to give then. */
  add(at: Span, message: string): undefined {
    this.#count++;
    if (this.#found.length >= keptProblems) return;
    const { line, column } = positionOf(at);
    this.#found.push(`${at.source.path}:${line}:${column}: ${message}`);
  }

  list(): readonly string[] {
    const more = this.#count - this.#found.length;
    return more === 0 ? this.#found : [...this.#found, `and ${more} more`];
  }
}

/** The text at `key`; undefined when there is none, which is a problem when it is something else. */
export function textField(map: MapValue, key: string, problems: Problems): string | undefined {
  const value = map.entries.get(key)?.value;
  if (value === undefined || (value.kind === "scalar" && value.value === null)) return undefined;
  // As it stands there: YAML would make the number 1.1 of version 1.10.
  if (value.kind === "scalar") return value.isQuoted ? String(value.value) : value.text;
  problems.add(value.at, `${key} is not text`);
  return undefined;
}

/** The maps in the list at `key`; others are problems. */
export function mapsField(map: MapValue, key: string, problems: Problems): readonly MapValue[] {
  const value = map.entries.get(key)?.value;
  if (value === undefined || (value.kind === "scalar" && value.value === null)) return [];
  if (value.kind !== "list") {
    problems.add(value.at, `${key} is not a list`);
    return [];
  }
  return value.items.filter((item): item is MapValue => {
    if (item.kind !== "map") problems.add(item.at, `an entry of ${key} is not a map`);
    return item.kind === "map";
  });
}

/** Whether the value at `key` is the word `true`. */
export function isTrue(map: MapValue, key: string): boolean {
  const value: Value | undefined = map.entries.get(key)?.value;
  return value?.kind === "scalar" && value.value === true;
}
