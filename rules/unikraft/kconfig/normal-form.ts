// Conditions rewritten to equal ones, so that they can be compared. Knows no value.

import { assertNever } from "./assert-never.ts";
import { type Comparison, type Expression, conjunctsOf, symbolOf } from "./expression.ts";
import { constants, type KconfigSymbol } from "./symbol.ts";

/** `expression` with `!` only before symbols, and options of type bool not compared to n and y. */
export function normalFormOf(expression: Expression): Expression {
  switch (expression.kind) {
    case "symbol":
      return expression;
    case "compare":
      return normalComparison(expression);
    case "and":
    case "or":
      return {
        kind: expression.kind,
        left: normalFormOf(expression.left),
        right: normalFormOf(expression.right),
      };
    case "not":
      return negated(expression.operand);
    default:
      return assertNever(expression);
  }
}

/**
 * `expression` as a condition on an option that cannot be `m`: what is at least `m` is enough
 * there, so that `TRISTATE != n` counts no more than `TRISTATE`.
 */
export function withoutModules(expression: Expression): Expression {
  const normal = normalFormOf(expression);
  return testsModules(normal) ? weakened(normal) : expression;
}

/** `expression` with each constant `m` being n when `modules` is. */
export function withModules(expression: Expression, modules: KconfigSymbol): Expression {
  switch (expression.kind) {
    case "symbol":
      return expression.symbol === constants.m
        ? { kind: "and", left: expression, right: symbolOf(modules) }
        : expression;
    case "compare":
      return expression;
    case "not":
      return { kind: "not", operand: withModules(expression.operand, modules) };
    case "and":
    case "or":
      return {
        kind: expression.kind,
        left: withModules(expression.left, modules),
        right: withModules(expression.right, modules),
      };
    default:
      return assertNever(expression);
  }
}

/** Whether `expression` can only hold when `symbol` is on, or says so beside all of `base`. */
export function isSubordinate(
  expression: Expression | undefined,
  symbol: KconfigSymbol,
  base: Expression | undefined,
): boolean {
  if (expression === undefined) return false;
  const parts = conjunctsOf(normalFormOf(expression)).filter((part) => !alwaysHolds(part));
  if (!parts.some((part) => mentions(part, symbol))) return false;
  if (parts.some((part) => requires(part, symbol))) return true;
  const given = new Set(parts.map(identityOf));
  const needed = base === undefined ? [] : conjunctsOf(normalFormOf(base));
  return needed.every((part) => given.has(identityOf(part)));
}

/** Whether `expression`, in normal form, is one of `A || !A` for an option that cannot be m. */
function alwaysHolds(expression: Expression): boolean {
  if (expression.kind !== "or") return false;
  const parts = operandsOf(expression, "or");
  const on = parts.flatMap((part) => (part.kind === "symbol" ? [part.symbol] : []));
  return parts.some((part) => {
    if (part.kind !== "not" || part.operand.kind !== "symbol") return false;
    return part.operand.symbol.type === "bool" && on.includes(part.operand.symbol);
  });
}

function normalComparison(expression: Comparison): Expression {
  const { left, right, operator } = expression;
  if (left.type !== "bool" || (operator !== "=" && operator !== "!=")) return expression;
  if (right !== constants.y && right !== constants.n) return expression;
  const isOn = (operator === "=") === (right === constants.y);
  return isOn ? symbolOf(left) : { kind: "not", operand: symbolOf(left) };
}

function negated(expression: Expression): Expression {
  switch (expression.kind) {
    case "symbol":
      return { kind: "not", operand: expression };
    case "not":
      return normalFormOf(expression.operand);
    case "compare":
      return normalComparison({ ...expression, operator: opposites[expression.operator] });
    case "and":
    case "or":
      return {
        kind: expression.kind === "and" ? "or" : "and",
        left: negated(expression.left),
        right: negated(expression.right),
      };
    default:
      return assertNever(expression);
  }
}

const opposites = { "=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">" } as const;

function testsModules(expression: Expression): boolean {
  switch (expression.kind) {
    case "symbol":
      return false;
    case "compare":
      return isModuleTest(expression);
    case "not":
      return testsModules(expression.operand);
    case "and":
    case "or":
      return testsModules(expression.left) || testsModules(expression.right);
    default:
      return assertNever(expression);
  }
}

function isModuleTest({ operator, left, right }: Comparison): boolean {
  return operator === "!=" && left.type === "tristate" && right === constants.n;
}

function weakened(expression: Expression): Expression {
  if (expression.kind === "compare") {
    return isModuleTest(expression) ? symbolOf(expression.left) : expression;
  }
  if (expression.kind !== "and" && expression.kind !== "or") return expression;
  const { kind, left, right } = expression;
  return { kind, left: weakened(left), right: weakened(right) };
}

function mentions(expression: Expression, symbol: KconfigSymbol): boolean {
  switch (expression.kind) {
    case "symbol":
      return expression.symbol === symbol;
    case "compare":
      return expression.left === symbol || expression.right === symbol;
    case "not":
      return mentions(expression.operand, symbol);
    case "and":
    case "or":
      return mentions(expression.left, symbol) || mentions(expression.right, symbol);
    default:
      return assertNever(expression);
  }
}

function requires(expression: Expression, symbol: KconfigSymbol): boolean {
  if (expression.kind === "symbol") return expression.symbol === symbol;
  if (expression.kind !== "compare" || expression.left !== symbol) return false;
  const { operator, right } = expression;
  if (operator === "=") return right === constants.y || right === constants.m;
  return operator === "!=" && right === constants.n;
}

/** The same text for the same condition, however `&&` and `||` are grouped and ordered. */
function identityOf(expression: Expression): string {
  switch (expression.kind) {
    case "symbol":
      return idOf(expression.symbol);
    case "not":
      return `!${identityOf(expression.operand)}`;
    case "compare":
      return `${idOf(expression.left)}${expression.operator}${idOf(expression.right)}`;
    case "and":
    case "or": {
      const parts = operandsOf(expression, expression.kind).map(identityOf);
      return `(${[...new Set(parts)].sort().join(expression.kind)})`;
    }
    default:
      return assertNever(expression);
  }
}

function operandsOf(expression: Expression, kind: "and" | "or"): Expression[] {
  if (expression.kind !== kind) return [expression];
  return [...operandsOf(expression.left, kind), ...operandsOf(expression.right, kind)];
}

const ids = new WeakMap<KconfigSymbol, string>();
let lastId = 0;

/** Choices have no name, so that names will not do. */
function idOf(symbol: KconfigSymbol): string {
  const known = ids.get(symbol);
  if (known !== undefined) return known;
  const id = `#${++lastId} `;
  ids.set(symbol, id);
  return id;
}
