// Config.uk files and a defconfig → the options of a `.config`, as conf gives them. Knows no
// Kraftfile; files, the shell and the environment come from outside.

import { Evaluation } from "./evaluate.ts";
import { linkDependencies } from "./link.ts";
import { type KconfigWorld, type ParsedKconfig, parseKconfig } from "./parse.ts";
import { isInRange } from "./text-value.ts";
import { readUserValues, type UserValues } from "./user-values.ts";

/**
 * The options that the file at `path`, and all that it names, declares. Throws a `KconfigError`
 * for files that conf would not take either.
 */
export function readKconfig(path: string, world: KconfigWorld): ParsedKconfig {
  const parsed = parseKconfig(path, world);
  linkDependencies(parsed);
  return parsed;
}

/** What all options of `kconfig` come to when `defconfig` is asked for. */
export function resolveDefconfig({ table }: ParsedKconfig, defconfig: string): Evaluation {
  const wishes = readUserValues(defconfig, table);
  const first = new Evaluation(wishes, table.modules);
  const texts = withinRange(wishes, first);
  // Numbers out of their range count as never asked for, which only the first pass can tell.
  return texts.size === wishes.texts.size
    ? first
    : new Evaluation({ ...wishes, texts }, table.modules);
}

function withinRange({ texts }: UserValues, values: Evaluation): UserValues["texts"] {
  return new Map([...texts].filter(([symbol, text]) => isInRange(symbol, text, values)));
}
