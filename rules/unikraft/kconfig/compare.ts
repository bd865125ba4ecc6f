import type { ComparisonOperator } from "./expression.ts";
import type { SymbolType } from "./symbol.ts";

/** One side of a comparison. */
export interface Operand {
  readonly type: SymbolType;
  readonly text: string;
}

/** Whether `left` stands to `right` as `operator` says: as numbers if both are, else as text. */
export function compares(left: Operand, operator: ComparisonOperator, right: Operand): boolean {
  const order = orderOf(left, right);
  switch (operator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** The number that `text` begins with, 0 when it begins with none; C's strtoll. */
export function leadingNumber(text: string, base: 10 | 16): bigint {
  const pattern = base === 10 ? /^\s*([-+]?)(\d+)/ : /^\s*([-+]?)(?:0x)?([0-9a-f]+)/i;
  const found = pattern.exec(text);
  if (found?.[2] === undefined) return 0n;
  const number = BigInt(base === 10 ? found[2] : `0x${found[2]}`);
  return found[1] === "-" ? -number : number;
}

function orderOf(left: Operand, right: Operand): number {
  if (left.type !== "string" || right.type !== "string") {
    const a = numberOf(left);
    const b = numberOf(right);
    if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
  }
  return Buffer.compare(Buffer.from(left.text), Buffer.from(right.text));
}

/** What counts in comparisons; undefined for text. */
function numberOf({ type, text }: Operand): bigint | undefined {
  if (type === "bool" || type === "tristate") {
    const value = ["n", "m", "y"].indexOf(text);
    return BigInt(value);
  }
  const [, sign = "", digits = ""] = /^\s*([-+]?)(\w+)$/.exec(text) ?? [];
  const whole = wholeNumber(digits, type);
  return whole === undefined ? undefined : sign === "-" ? -whole : whole;
}

/** Without a type, the prefix says which base it is. */
function wholeNumber(digits: string, type: SymbolType): bigint | undefined {
  if (type === "hex") {
    return /^(0x)?[0-9a-f]+$/i.test(digits) ? BigInt(`0x${digits.replace(/^0x/i, "")}`) : undefined;
  }
  if (type === "int") return /^\d+$/.test(digits) ? BigInt(digits) : undefined;
  if (/^0x[0-9a-f]+$/i.test(digits)) return BigInt(digits);
  if (/^0[0-7]*$/.test(digits)) return BigInt(`0o${digits}`);
  return /^[1-9]\d*$/.test(digits) ? BigInt(digits) : undefined;
}
