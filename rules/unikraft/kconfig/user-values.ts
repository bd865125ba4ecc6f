// A defconfig or `.config` → what it asks for. Knows no condition.

import type { Tristate } from "./tristate.ts";
import type { KconfigSymbol } from "./symbol.ts";
import type { SymbolTable } from "./symbol-table.ts";

/** What a file asks for. */
export interface UserValues {
  readonly tristates: ReadonlyMap<KconfigSymbol, Tristate>;
  /** Of options of the types string, int and hex. */
  readonly texts: ReadonlyMap<KconfigSymbol, string>;
  /** What the members of a choice come to. */
  readonly choices: ReadonlyMap<KconfigSymbol, ChoiceRequest>;
}

/** What was asked of a choice. */
export interface ChoiceRequest {
  /** The most that was asked for any member. */
  readonly value: Tristate;
  /** The last member that was to be y. */
  readonly chosen: KconfigSymbol | undefined;
}

/**
 * The values that `text` states for the options in `table`, the last one of an option counting.
 * Lines of other form, options that there are not and values that the type does not allow are
 * passed over, as conf does.
 */
export function readUserValues(text: string, table: SymbolTable): UserValues {
  const tristates = new Map<KconfigSymbol, Tristate>();
  const texts = new Map<KconfigSymbol, string>();
  const choices = new Map<KconfigSymbol, ChoiceRequest>();
  for (const line of text.split("\n")) {
    const assignment = assignmentIn(line);
    const symbol = assignment && table.options.get(assignment.name);
    if (assignment === undefined || symbol === undefined) continue;
    const { value } = assignment;
    if (symbol.type === "bool" || symbol.type === "tristate") {
      const tristate = tristateIn(value ?? "n", symbol.type);
      if (tristate === undefined) continue;
      tristates.set(symbol, tristate);
    } else if (value !== undefined) {
      const read = textIn(value, symbol.type);
      if (read !== undefined) texts.set(symbol, read);
    }
    if (symbol.choice !== undefined) {
      noteMember(symbol, symbol.choice, tristates.get(symbol) ?? 0, choices);
    }
  }
  return { tristates, texts, choices };
}

/** The option that a line is about; its value is undefined when it "is not set". */
function assignmentIn(line: string): { name: string; value: string | undefined } | undefined {
  const unset = /^#.CONFIG_([^ ]*) is not set/.exec(line);
  if (unset?.[1] !== undefined) return { name: unset[1], value: undefined };
  const set = /^CONFIG_([^=]*)=(.*)$/s.exec(line);
  if (set?.[1] === undefined) return undefined;
  return { name: set[1], value: (set[2] ?? "").replace(/\r$/, "") };
}

/** Only the first letter counts. */
function tristateIn(value: string, type: "bool" | "tristate"): Tristate | undefined {
  if (value.startsWith("y")) return 2;
  if (value.startsWith("n")) return 0;
  return type === "tristate" && value.startsWith("m") ? 1 : undefined;
}

function textIn(value: string, type: KconfigSymbol["type"]): string | undefined {
  if (type === "int") return isInt(value) ? value : undefined;
  if (type === "hex") return isHex(value) ? value : undefined;
  if (type !== "string") return undefined;
  const quoted = /^"((?:[^"\\]|\\.)*)"/s.exec(value)?.[1];
  return quoted?.replaceAll(/\\(.)/gs, "$1");
}

/** Whether `text` is a number as options of type int have them. */
export function isInt(text: string): boolean {
  return /^-?(0|[1-9]\d*)$/.test(text);
}

/** Whether `text` is a number as options of type hex have them. */
export function isHex(text: string): boolean {
  return /^(0x)?[0-9a-f]+$/i.test(text);
}

function noteMember(
  symbol: KconfigSymbol,
  choice: KconfigSymbol,
  value: Tristate,
  choices: Map<KconfigSymbol, ChoiceRequest>,
): void {
  const known = choices.get(choice);
  const chosen = value === 2 ? symbol : known?.chosen;
  choices.set(choice, { value: value > (known?.value ?? 0) ? value : (known?.value ?? 0), chosen });
}
