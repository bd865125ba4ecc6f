// Options that hold text or numbers → values.

import { leadingNumber } from "./compare.ts";
import type { Evaluation } from "./evaluate.ts";
import { isLogical, nothing, type Resolved } from "./resolved.ts";
import type { KconfigSymbol, Property } from "./symbol.ts";
import type { Tristate } from "./tristate.ts";

/** What a value follows from. */
interface Given {
  readonly wish: string | undefined;
  readonly values: Evaluation;
}

/** What `symbol` comes to: what was asked for, else its default, either in its range. */
export function textValueOf(
  symbol: KconfigSymbol,
  visibility: Tristate,
  { wish, values }: Given,
): Resolved {
  const base = { ...nothing, visibility };
  if (wish !== undefined && visibility > 0) {
    const cause = { kind: "user" } as const;
    return bent(symbol, { ...base, value: wish, isWritten: true, cause }, values);
  }
  const standard = values.defaultOf(symbol);
  if (standard?.value.kind !== "symbol") {
    return bent(symbol, { ...base, isWritten: visibility > 0 }, values);
  }
  const source = standard.value.symbol;
  // Conf keeps no text for options that are on or off.
  const isText = source.kind === "constant" || !isLogical(source);
  const value = isText ? values.of(source).value : "n";
  const cause = { kind: "default", property: standard } as const;
  return bent(symbol, { ...base, value, isWritten: true, cause }, values);
}

/** Whether the range of `symbol`, if one holds, allows `text`. */
export function isInRange(symbol: KconfigSymbol, text: string, values: Evaluation): boolean {
  const limits = limitsOf(symbol, values);
  if (limits === undefined) return true;
  const number = leadingNumber(text, limits.base);
  return number >= limits.low && number <= limits.high;
}

function bent(symbol: KconfigSymbol, resolved: Resolved, values: Evaluation): Resolved {
  const limits = limitsOf(symbol, values);
  if (limits === undefined || isInRange(symbol, resolved.value, values)) return resolved;
  const { base, low, high, range } = limits;
  const end = leadingNumber(resolved.value, base) < low ? low : high;
  const value = base === 10 ? String(end) : `0x${BigInt.asUintN(64, end).toString(16)}`;
  return { ...resolved, value, bentBy: range };
}

interface Limits {
  readonly range: Property;
  readonly base: 10 | 16;
  readonly low: bigint;
  readonly high: bigint;
}

function limitsOf(symbol: KconfigSymbol, values: Evaluation): Limits | undefined {
  if (symbol.type !== "int" && symbol.type !== "hex") return undefined;
  const range = values.rangeOf(symbol);
  if (range === undefined) return undefined;
  const base = symbol.type === "int" ? 10 : 16;
  const numberOf = (end: KconfigSymbol): bigint =>
    leadingNumber(values.of(end).value, end.type === "int" ? 10 : end.type === "hex" ? 16 : base);
  return { range, base, low: numberOf(range.low), high: numberOf(range.high) };
}
