// Conditions on options, as data. Knows no value.

import type { KconfigSymbol } from "./symbol.ts";

/** A condition; where one may be left out, undefined stands for "always". */
export type Expression =
  | { readonly kind: "symbol"; readonly symbol: KconfigSymbol }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | Comparison;

/** Two symbols compared by value. */
export interface Comparison {
  readonly kind: "compare";
  readonly operator: ComparisonOperator;
  readonly left: KconfigSymbol;
  readonly right: KconfigSymbol;
}

/** As they are written. */
export type ComparisonOperator = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** Both of `left` and `right`. */
export function and(
  left: Expression | undefined,
  right: Expression | undefined,
): Expression | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return { kind: "and", left, right };
}

/** The condition that `symbol` is on. */
export function symbolOf(symbol: KconfigSymbol): Expression {
  return { kind: "symbol", symbol };
}

/** Every symbol in `expression`, in order, without repeats. */
export function symbolsIn(expression: Expression | undefined): readonly KconfigSymbol[] {
  const found = new Set<KconfigSymbol>();
  const visit = (part: Expression): void => {
    switch (part.kind) {
      case "symbol":
        found.add(part.symbol);
        break;
      case "not":
        visit(part.operand);
        break;
      case "compare":
        found.add(part.left).add(part.right);
        break;
      default:
        visit(part.left);
        visit(part.right);
    }
  };
  if (expression !== undefined) visit(expression);
  return [...found];
}

/** The parts of `expression` that must all hold. */
export function conjunctsOf(expression: Expression | undefined): readonly Expression[] {
  if (expression === undefined) return [];
  if (expression.kind !== "and") return [expression];
  return [...conjunctsOf(expression.left), ...conjunctsOf(expression.right)];
}

/** `expression` as it would be written in a Config.uk file, with `show` naming symbols. */
export function formatExpression(
  expression: Expression,
  show: (symbol: KconfigSymbol) => string = nameOf,
): string {
  switch (expression.kind) {
    case "symbol":
      return show(expression.symbol);
    case "not":
      return `!${inParentheses(expression.operand, ["and", "or", "compare"], show)}`;
    case "compare":
      return `${show(expression.left)} ${expression.operator} ${show(expression.right)}`;
    case "and": {
      const left = inParentheses(expression.left, ["or"], show);
      return `${left} && ${inParentheses(expression.right, ["or"], show)}`;
    }
    case "or": {
      const left = inParentheses(expression.left, ["and"], show);
      return `${left} || ${inParentheses(expression.right, ["and"], show)}`;
    }
  }
}

/** How messages call `symbol`. */
export function nameOf({ kind, name, nodes }: KconfigSymbol): string {
  if (kind === "constant") return /^\w+$/.test(name ?? "") ? (name ?? "") : JSON.stringify(name);
  return name ?? `the choice "${nodes[0]?.prompt?.text ?? ""}"`;
}

function inParentheses(
  part: Expression,
  kinds: readonly Expression["kind"][],
  show: (symbol: KconfigSymbol) => string,
): string {
  const text = formatExpression(part, show);
  return kinds.includes(part.kind) ? `(${text})` : text;
}
