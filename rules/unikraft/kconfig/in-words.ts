// Why an option has its value, in words. Knows no Kraftfile: wishes come with their origin.

import type { Evaluation } from "./evaluate.ts";
import { conjunctsOf, type Expression, formatExpression, nameOf } from "./expression.ts";
import { normalFormOf } from "./normal-form.ts";
import { isLogical, type Resolved } from "./resolved.ts";
import type { Influence, KconfigSymbol, Place, Property } from "./symbol.ts";
import { formatTristate } from "./tristate.ts";
import { isHex, isInt } from "./user-values.ts";

/** What somebody asked for. */
export interface Wish {
  /** Without quotes. */
  readonly value: string;
  /** Such as `apps/nginx/Kraftfile:12`, or `the target`. */
  readonly origin: string;
}

/** All that the words are made from. */
export interface Wording {
  readonly values: Evaluation;
  /** `place` as the user knows it. */
  readonly placeOf: (place: Place) => string;
  readonly wishOf: (symbol: KconfigSymbol) => Wish | undefined;
}

/** Where the value of `symbol` comes from, in some words. */
export function originOf(symbol: KconfigSymbol, wording: Wording): string {
  const { cause, bentBy } = wording.values.of(symbol);
  const limit =
    bentBy === undefined ? "" : `, bent to the range of ${wording.placeOf(bentBy.place)}`;
  switch (cause.kind) {
    case "user":
      return (wording.wishOf(symbol)?.origin ?? "asked for") + limit;
    case "default":
      return `default of ${wording.placeOf(cause.property.place)}${limit}`;
    case "select":
      return `selected by ${influencesText(cause.by, wording)}`;
    case "imply":
      return `implied by ${influencesText(cause.by, wording)}`;
    case "choice":
      return choiceOrigin(cause.choice, wording);
    case "none":
      return `no default${limit}`;
  }
}

/**
 * What kept `wish` from being the value of `symbol`, a sentence each; empty when it is the value.
 * Source: kconfig-language.rst, "Menu dependencies".
 */
export function obstaclesTo(wish: Wish, symbol: KconfigSymbol, wording: Wording): string[] {
  const resolved = wording.values.of(symbol);
  if (isSatisfied(wish, symbol, resolved)) return [];
  const { value } = wish;
  if (!isAllowed(value, symbol))
    return [`"${value}" is no value for an option of type ${symbol.type}`];
  const { choice } = symbol;
  if (resolved.visibility === 0) return hiddenBecause(symbol, wording);
  if (choice !== undefined && resolved.cause.kind === "choice")
    return [chosenInstead(choice, wording)];
  if (resolved.cause.kind === "select") {
    return [`${influencesText(resolved.cause.by, wording)} selects it`];
  }
  const range = wording.values.rangeOf(symbol);
  if (range !== undefined) {
    const [low, high] = [range.low, range.high].map((end) => shown(end, wording));
    return [`the range from ${low} to ${high} of ${wording.placeOf(range.place)} does not hold it`];
  }
  if (isLogical(symbol)) return [`it can be ${formatTristate(resolved.visibility)} at most`];
  return [];
}

/** `expression` with the value of each option in it. */
export function conditionText(expression: Expression, { values }: Wording): string {
  return formatExpression(expression, (symbol) =>
    symbol.kind === "constant" || isNumeral(symbol)
      ? nameOf(symbol)
      : `${nameOf(symbol)} [=${symbol.nodes.length === 0 ? "n, not declared" : values.of(symbol).value}]`,
  );
}

/** Such as `LIBFOO (lib/foo/Config.uk:3), LIBBAR (…)`. */
export function influencesText(influences: readonly Influence[], { placeOf }: Wording): string {
  return influences
    .map(({ by, property }) => `${nameOf(by)} (${placeOf(property.place)})`)
    .join(", ");
}

function isNumeral({ name, nodes }: KconfigSymbol): boolean {
  return nodes.length === 0 && /^-?\d/.test(name ?? "");
}

function isSatisfied({ value }: Wish, symbol: KconfigSymbol, resolved: Resolved): boolean {
  if (isLogical(symbol)) return resolved.value === value.slice(0, 1);
  return resolved.isWritten && resolved.value === value;
}

function isAllowed(value: string, { type }: KconfigSymbol): boolean {
  switch (type) {
    case "bool":
      return /^[yn]/.test(value);
    case "tristate":
      return /^[ymn]/.test(value);
    case "int":
      return isInt(value);
    case "hex":
      return isHex(value);
    default:
      return true;
  }
}

function hiddenBecause(symbol: KconfigSymbol, wording: Wording): string[] {
  const prompts = symbol.properties.filter(({ kind }) => kind === "prompt");
  if (prompts.length === 0) return ["nobody can set it: it has no prompt, and follows from others"];
  return prompts.map((prompt) => missingFor(prompt, wording));
}

/** Which parts of the condition of `prompt` do not hold. */
function missingFor({ condition, place }: Property, wording: Wording): string {
  const parts = condition === undefined ? [] : conjunctsOf(normalFormOf(condition));
  const missing = parts.filter((part) => wording.values.holds(part) === 0);
  const texts = new Set(missing.map((part) => conditionText(part, wording)));
  return `${wording.placeOf(place)}: it depends on ${[...texts].join(", and on ")}`;
}

function chosenInstead(choice: KconfigSymbol, wording: Wording): string {
  const { chosen } = wording.values.of(choice);
  const title = titleOf(choice);
  if (chosen === undefined) return `nothing of the choice ${title} can be chosen`;
  return `of the choice ${title}, ${nameOf(chosen)} is chosen: ${choiceOrigin(choice, wording)}`;
}

function choiceOrigin(choice: KconfigSymbol, wording: Wording): string {
  const { cause, chosen } = wording.values.of(choice);
  if (cause.kind === "user" && chosen !== undefined) {
    return `${nameOf(chosen)}=y of ${wording.wishOf(chosen)?.origin ?? "the request"}`;
  }
  if (cause.kind === "default") return `default of ${wording.placeOf(cause.property.place)}`;
  return `the first of the choice ${titleOf(choice)}`;
}

function titleOf({ nodes }: KconfigSymbol): string {
  return `"${nodes[0]?.prompt?.text ?? ""}"`;
}

function shown(symbol: KconfigSymbol, { values }: Wording): string {
  const { value } = values.of(symbol);
  // A bare number is, to Kconfig, an option that nobody declares.
  return symbol.nodes.length === 0 ? value : `${nameOf(symbol)} (${value})`;
}
