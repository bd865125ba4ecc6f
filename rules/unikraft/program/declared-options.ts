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
  for (const line of linesWithoutHelp(text)) {
    const declared = /^\s*(?:menu)?config\s+([\w-]+)/.exec(line);
    if (declared !== null) name = `CONFIG_${declared[1]}`;
    if (declared !== null && name !== undefined && !options.has(name)) options.set(name, undefined);
    const typed = /^\s+(?:def_)?(bool|tristate|string|hex|int)\b/.exec(line);
    if (typed?.[1] !== undefined && name !== undefined) options.set(name, typed[1] as OptionType);
    if (/^\s*(choice|menu|if|endif|endmenu|endchoice|source|comment)\b/.test(line))
      name = undefined;
  }
}

/** The lines of `text` but those of help, whose words may be any: it ends where less is indented. */
function* linesWithoutHelp(text: string): Generator<string> {
  let help: "none" | "begins" | number = "none";
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const indent = indentOf(line);
    if (help === "begins") help = indent;
    if (typeof help === "number" && help > 0 && indent >= help) continue;
    help = /^\s+(?:---)?help(?:---)?\s*$/.test(line) ? "begins" : "none";
    yield line;
  }
}

/** In columns, as tabs reach to the next eighth one. */
function indentOf(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === "\t") columns += 8 - (columns % 8);
    else if (character === " ") columns += 1;
    else break;
  }
  return columns;
}
