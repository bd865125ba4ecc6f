import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** As Config.uk declares options; others cannot be told from their values. */
export type OptionType = "bool" | "tristate" | "string" | "hex" | "int";

/**
 * The options that Config.uk files below `directories` declare, with the prefix `CONFIG_`; a type is
 * undefined where none is said. Files count whether or not they are read in.
 */
export function declaredOptions(
  directories: readonly string[],
): ReadonlyMap<string, OptionType | undefined> {
  const options = new Map<string, OptionType | undefined>();
  for (const directory of directories) addOptions(directory, options);
  return options;
}

function addOptions(directory: string, options: Map<string, OptionType | undefined>): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) addOptions(path, options);
    else if (/^(Config.*\.uk|Kconfig.*)$/.test(entry.name))
      addOptionsOf(readFileSync(path, "utf8"), options);
  }
}

function addOptionsOf(text: string, options: Map<string, OptionType | undefined>): void {
  let name: string | undefined;
  for (const line of text.split("\n")) {
    const declared = /^\s*(?:menu)?config\s+([\w-]+)/.exec(line);
    if (declared !== null) name = `CONFIG_${declared[1]}`;
    if (declared !== null && name !== undefined && !options.has(name)) options.set(name, undefined);
    const typed = /^\s+(?:def_)?(bool|tristate|string|hex|int)\b/.exec(line);
    if (typed?.[1] !== undefined && name !== undefined) options.set(name, typed[1] as OptionType);
    if (/^\s*(choice|menu|if|endif|endmenu|endchoice|source|comment)\b/.test(line))
      name = undefined;
  }
}
