// The core's answer to a request for options, checked and freed of paths. Knows no Kconfig.

import { readFileSync, writeFileSync } from "node:fs";

import { didYouMean, type Program, ProgramError, renderDiagnostic } from "../../../src/index.ts";
import type { RequestedSetting } from "../settings.ts";
import { declaredOptions } from "./declared-options.ts";

/**
 * Copies a `.config` with wherever the input root was replaced by `/kraft`, and prints a warning
 * for each option that is not as a user asked, or that there is not. Arguments: the output, the
 * `.config`, the path of the core, the settings that were asked for, the directories of Config.uk
 * files.
 */
export const resolvedConfig: Program = {
  name: "resolved-config",
  version: 2,
  run: async ([output, answer, core, request, ...directories], { resolve, print }) => {
    if (
      output === undefined ||
      answer === undefined ||
      core === undefined ||
      request === undefined
    ) {
      throw new ProgramError("arguments are missing");
    }
    const text = readFileSync(resolve(answer), "utf8");
    const values = valuesIn(text);
    const declared = declaredOptions(directories.map(resolve));
    for (const setting of JSON.parse(request) as RequestedSetting[]) {
      const warning =
        unknownWarning(setting, declared) ?? warningOf(setting, values.get(setting.symbol));
      if (warning !== undefined) print(warning);
    }
    writeFileSync(resolve(output), withFixedRoot(text, rootOf(values, core)));
  },
};

function valuesIn(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const set = /^(CONFIG_\w+)=(.*)$/.exec(line);
    const unset = /^# (CONFIG_\w+) is not set$/.exec(line);
    if (set?.[1] !== undefined) values.set(set[1], unquoted(set[2] ?? ""));
    else if (unset?.[1] !== undefined) values.set(unset[1], "n");
  }
  return values;
}

function unquoted(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/g, "$1") : value;
}

/** What to tell about an option that nothing declares; undefined for all others. */
function unknownWarning(
  { symbol, by, place }: RequestedSetting,
  declared: ReadonlyMap<string, unknown>,
): string | undefined {
  // Names without the prefix were told of when the Kraftfile was read.
  if (by !== "user" || declared.size === 0 || !symbol.startsWith("CONFIG_")) return undefined;
  if (declared.has(symbol)) return undefined;
  const message = `no Config.uk file declares ${symbol}: it has no effect`;
  const help = didYouMean(symbol, declared.keys());
  const code = "unknown-option";
  return placed(renderDiagnostic({ severity: "warning", code, message, ...help }), place);
}

/** What to tell about an option that the core did not take as asked; undefined when it did. */
function warningOf(
  { symbol, value, by, place }: RequestedSetting,
  got: string | undefined,
): string | undefined {
  if (by === "library") return undefined; // A guess of ours, not a wish of theirs.
  if (got === undefined && value === "n") return undefined; // It is off for not being there.
  if (got !== undefined && isSameValue(value, got)) return undefined;
  const result = got === undefined ? "is not there" : got === "n" ? "is not set" : `is ${got}`;
  const message = `${symbol} was requested as ${value}, and ${result}`;
  const text = renderDiagnostic({ severity: "warning", code: "option-not-taken", message });
  return placed(text, place);
}

/** The program has no text of the Kraftfile to show, as a change there is not to run it again. */
function placed(text: string, place: string | undefined): string {
  if (place === undefined) return text;
  const [headline = "", ...rest] = text.split("\n");
  return [headline, ` --> ${place}`, ...rest].join("\n");
}

function isSameValue(one: string, other: string): boolean {
  if (one === other) return true;
  const isNumber = /^(0x[0-9a-f]+|\d+)$/i;
  return isNumber.test(one) && isNumber.test(other) && BigInt(one) === BigInt(other);
}

/** Where the input root was: the core writes down where it is itself. */
function rootOf(values: ReadonlyMap<string, string>, core: string): string | undefined {
  const base = values.get("CONFIG_UK_BASE");
  return base?.endsWith(`/${core}`) === true ? base.slice(0, -core.length - 1) : undefined;
}

function withFixedRoot(text: string, root: string | undefined): string {
  return root === undefined || root === "" ? text : text.replaceAll(`="${root}/`, '="/kraft/');
}
