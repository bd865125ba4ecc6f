// What a Kraftfile asks for, as the core's Kconfig reads it. Knows no Kraftfile.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Program, ProgramError } from "../../../src/index.ts";
import type { RequestedSetting } from "../settings.ts";
import { declaredOptions, type OptionType } from "./declared-options.ts";

interface Request {
  readonly settings: readonly RequestedSetting[];
  readonly libraries: readonly { readonly name: string; readonly path: string }[];
}

/**
 * Writes the canonical defconfig: a line for each symbol, sorted, quoted by the symbol's type, so
 * that one request is one file. Arguments: the output, the request, the directories to search.
 */
export const defconfig: Program = {
  name: "defconfig",
  version: 2,
  run: async ([output, request, ...directories], { resolve }) => {
    if (output === undefined || request === undefined)
      throw new ProgramError("arguments are missing");
    const { settings, libraries } = JSON.parse(request) as Request;
    const types = declaredOptions(directories.map(resolve));
    const values = new Map<string, string>();
    for (const { symbol, value, by } of settings) if (by === "library") values.set(symbol, value);
    for (const { path } of libraries) {
      const symbol = ownSymbolOf(resolve(path));
      if (symbol !== undefined) values.set(symbol, "y");
    }
    // What was asked for by name counts more than the options that libraries bring along.
    for (const { symbol, value, by } of settings) if (by !== "library") values.set(symbol, value);
    const lines = [...values].map(([symbol, value]) => lineOf(symbol, value, types.get(symbol)));
    writeFileSync(
      resolve(output),
      lines
        .sort()
        .map((line) => `${line}\n`)
        .join(""),
    );
  },
};

/** `symbol` set to `value` in the form of a `.config`. Source: Linux, Documentation/kbuild. */
function lineOf(symbol: string, value: string, type: OptionType | undefined): string {
  const isQuoted =
    type === "string" || (type === undefined && !/^([ynm]|-?\d+|0x[0-9a-f]+)$/i.test(value));
  if (isQuoted) return `${symbol}="${value.replaceAll(/["\\]/g, "\\$&")}"`;
  return value === "n" ? `# ${symbol} is not set` : `${symbol}=${value}`;
}

/** The option that turns the library in `directory` on: the first that its Config.uk declares. */
function ownSymbolOf(directory: string): string | undefined {
  try {
    const text = readFileSync(join(directory, "Config.uk"), "utf8");
    const declared = /^\s*(?:menu)?config\s+(LIB\w+)/m.exec(text);
    return declared === null ? undefined : `CONFIG_${declared[1]}`;
  } catch {
    return undefined; // A library need not have options.
  }
}
