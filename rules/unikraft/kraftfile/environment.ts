import {
  type Entry,
  type Span,
  type Value,
  isNothing,
  kindNameOf,
  pointerTo,
} from "../../../src/index.ts";
import { type Reading, pointerToItem, textOf } from "./reading.ts";
import { warnWhenSetAgain } from "./set-again.ts";

/** A variable for the application. */
export interface Variable {
  readonly name: string;
  /** Undefined: it has the value that it has where the image is run. */
  readonly value: string | undefined;
}

/** `env`: a map, or a list of `NAME=value` and `NAME`. Source: kraftkit.md §1.13. */
export function readEnvironment(entry: Entry | undefined, reading: Reading): readonly Variable[] {
  const pairs = readPairs(entry, reading).filter(({ name, at }) => {
    const isName = name !== "" && !/[=\s\0]/.test(name);
    const message = `${JSON.stringify(name)} can be no variable's name`;
    if (!isName) reading.error({ code: "bad-environment", message, at });
    return isName;
  });
  return pairs.map(({ name, value }) => ({ name, value }));
}

/** `labels`: a map, or a list of `NAME=value`. Source: kraftkit.md §1.13, §1.14. */
export function readLabels(
  entry: Entry | undefined,
  reading: Reading,
): Readonly<Record<string, string>> {
  const pairs = readPairs(entry, reading).map(({ name, value, at }): [string, string] => {
    const message = `${JSON.stringify(name)} can be no label's name`;
    const help = "a name has letters, digits, and any of . _ / -";
    const isName = reading.isV07 ? /^[\w./-]+$/.test(name) : name !== "";
    if (!isName) reading.error({ code: "bad-attribute", message, at, help });
    return [name, value ?? ""];
  });
  // From entries, so that a label named __proto__ is a label like any other.
  return Object.fromEntries(pairs);
}

interface Pair {
  readonly name: string;
  /** Undefined when only the name is given. */
  readonly value: string | undefined;
  readonly at: Span;
}

/** The pairs of a map or a list; of several for one name, the last one counts. */
function readPairs(entry: Entry | undefined, reading: Reading): readonly Pair[] {
  if (entry === undefined) return [];
  const pairs = new Map<string, Pair>();
  for (const pair of pairsIn(entry, reading)) {
    const earlier = pairs.get(pair.name);
    pairs.set(pair.name, pair);
    warnWhenSetAgain(pair.name, { earlier, now: pair }, reading);
  }
  return [...pairs.values()];
}

function pairsIn(entry: Entry, reading: Reading): Pair[] {
  const { key, value } = entry;
  const code = key === "env" ? "bad-environment" : "bad-attribute";
  if (value.kind === "map") {
    return [...value.entries.values()].flatMap((one): Pair[] => {
      const text = textOf(one.value);
      if (text !== undefined || isNothing(one.value)) {
        return [{ name: one.key, value: text, at: one.keyAt }];
      }
      const message = `${one.key} must have one value, not ${kindNameOf(one.value)}`;
      reading.error({ code, message, at: pointerTo(one) });
      return [];
    });
  }
  if (value.kind === "list") {
    return value.items.flatMap((item) => {
      const pair = pairOfItem(item);
      const message = `an item of \`${key}\` must be NAME=value, not ${kindNameOf(item)}`;
      if (pair === undefined) reading.error({ code, message, at: pointerToItem(item) });
      return pair ?? [];
    });
  }
  const message = `\`${key}\` must be a map or a list, not ${kindNameOf(value)}`;
  reading.error({ code, message, at: pointerTo(entry), help: "write NAME: value below it" });
  return [];
}

function pairOfItem(item: Value): Pair | undefined {
  const text = textOf(item);
  if (text === undefined) return undefined;
  const { at } = item;
  const equals = text.indexOf("=");
  if (equals === -1) return { name: text, value: undefined, at };
  return { name: text.slice(0, equals), value: text.slice(equals + 1), at };
}
