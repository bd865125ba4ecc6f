// Options by symbol: as compilers see them in a header, and as lines of configuration. Pure.

import type { OptionCause } from "./cause.ts";

/** Two values of an option, and where it is. */
export interface OptionSides {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly path?: string | undefined;
}

/**
 * What differs of the option `name`, whose sides are as a compiler's state has them: `= 1`,
 * `not set`; for a name that ends in `*`, a list of all that begin so.
 */
export function optionCauses(
  name: string,
  { from, to, path }: OptionSides,
): readonly OptionCause[] {
  if (!name.endsWith("*")) return [optionOf(name, { from: valueIn(from), to: valueIn(to), path })];
  const [old, current] = [pairsIn(from), pairsIn(to)];
  return [...new Set([...old.keys(), ...current.keys()])].sort().flatMap((one) => {
    const sides = { from: old.get(one), to: current.get(one), path };
    return sides.from === sides.to ? [] : [optionOf(one, sides)];
  });
}

/** The option that a line such as `CONFIG_X=y` or `# CONFIG_X is not set` is about. */
export function optionIn(line: string): { name: string; value: string } | undefined {
  const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
  if (name !== undefined && value !== undefined && isOption(name)) return { name, value };
  const unset = /^# (\w+) is not set$/.exec(line)?.[1];
  return unset === undefined || !isOption(unset) ? undefined : { name: unset, value: "n" };
}

/** The options that differ between two texts of such lines; one that is in neither is not told of. */
export function optionChanges(before: string, now: string, path?: string): readonly OptionCause[] {
  const [old, current] = [optionsIn(before), optionsIn(now)];
  return [...new Set([...old.keys(), ...current.keys()])].sort().flatMap((name) => {
    const sides = { from: old.get(name), to: current.get(name), path };
    // That is how lines tell that a question was asked, or was not: nothing is switched.
    const isSame = (sides.from ?? "n") === (sides.to ?? "n");
    return isSame ? [] : [optionOf(name, sides)];
  });
}

function optionsIn(text: string): ReadonlyMap<string, string> {
  const found = text.split("\n").flatMap((line) => optionIn(line) ?? []);
  return new Map(found.map(({ name, value }) => [name, value]));
}

/** As Kconfig has them, whatever the prefix of a project is. */
function isOption(name: string): boolean {
  return /^[A-Z][A-Z0-9]*_\w+$/.test(name);
}

/** The option `name` with two values. */
export function optionOf(name: string, { from, to, path }: OptionSides): OptionCause {
  const sides = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  return { kind: "option", name, ...sides, ...(path !== undefined && { path }) };
}

/**
 * The options that `text` lists as JSON, by symbol: each is a map with `symbol` and `value`, at any
 * depth. Undefined when it is no JSON of a list or a map.
 */
export function optionsInJson(text: string | undefined): ReadonlyMap<string, string> | undefined {
  if (text === undefined || !/^[[{]/.test(text)) return undefined;
  try {
    const options = new Map<string, string>();
    const pending: unknown[] = [JSON.parse(text)];
    for (const value of pending) {
      if (typeof value !== "object" || value === null) continue;
      pending.push(...Object.values(value)); // The loop goes on to these too.
      if (!("symbol" in value && "value" in value)) continue;
      const { symbol, value: setting } = value;
      if (typeof symbol === "string" && typeof setting === "string") options.set(symbol, setting);
    }
    return options;
  } catch {
    return undefined;
  }
}

function valueIn(text: string | undefined): string | undefined {
  return text?.startsWith("= ") === true ? text.slice(2) : undefined;
}

function pairsIn(text: string | undefined): ReadonlyMap<string, string> {
  if (text?.startsWith("[") !== true) return new Map();
  return new Map(JSON.parse(text) as [string, string][]); // Ours: see `valueOf`.
}
