// What there is to tell about each option of an image, as a file. Knows no Kraftfile.

import { dotConfigLine } from "./dot-config.ts";
import { formatExpression } from "./expression.ts";
import { conditionText, influencesText, obstaclesTo, originOf, type Wording } from "./in-words.ts";
import type { Influence, KconfigSymbol, MenuNode, Property } from "./symbol.ts";

/** One option. */
export interface OptionFacts {
  /** With the prefix `CONFIG_`. */
  readonly name: string;
  /** As in a `.config`; absent for an option that it does not mention. */
  readonly line?: string;
  /** Where its value comes from. */
  readonly origin: string;
  /** All there is to tell, a line each. */
  readonly about: readonly string[];
}

/** The facts about all options that entries below `root` declare, in their order. */
export function factsOf(root: MenuNode, wording: Wording): readonly OptionFacts[] {
  const symbols = new Set<KconfigSymbol>();
  const visit = ({ kind, symbol, children }: MenuNode): void => {
    if (kind === "config" && symbol !== undefined) symbols.add(symbol);
    children.forEach(visit);
  };
  visit(root);
  return [...symbols].map((symbol) => {
    const { value, isWritten } = wording.values.of(symbol);
    return {
      name: `CONFIG_${symbol.name}`,
      ...(isWritten && { line: dotConfigLine(symbol, value) }),
      origin: originOf(symbol, wording),
      about: aboutOf(symbol, wording),
    };
  });
}

function aboutOf(symbol: KconfigSymbol, wording: Wording): string[] {
  const { placeOf, values } = wording;
  const wish = wording.wishOf(symbol);
  const { value, isWritten } = values.of(symbol);
  const result = isWritten ? value || '""' : "not there";
  const active = (all: readonly Influence[]): Influence[] =>
    all.filter(
      ({ by, property }) => values.of(by).tristate > 0 && values.holds(property.condition) > 0,
    );
  return [
    ...row("requested", wish === undefined ? [] : [`${wish.value} (${wish.origin})`]),
    ...row("result", [`${result} (${originOf(symbol, wording)})`]),
    ...row("because", wish === undefined ? [] : obstaclesTo(wish, symbol, wording)),
    ...row("type", [symbol.type]),
    ...row(
      "declared",
      symbol.nodes.map(({ place }) => placeOf(place)),
    ),
    ...row(
      "prompt",
      symbol.properties.flatMap((one) => (one.kind === "prompt" ? one.text : [])),
    ),
    ...row("default", linesOf(symbol, "default", wording)),
    ...row("range", linesOf(symbol, "range", wording)),
    ...row(
      "depends on",
      symbol.directDependencies.flatMap((one) =>
        one === undefined ? [] : conditionText(one, wording),
      ),
    ),
    ...row("selected by", influences(active(symbol.selectedBy), wording)),
    ...row("implied by", influences(active(symbol.impliedBy), wording)),
    ...row(
      "could be selected by",
      influences(
        symbol.selectedBy.filter((one) => !active([one]).length),
        wording,
      ),
    ),
    ...row(
      "help",
      symbol.nodes.flatMap(({ help }) => help?.split("\n") ?? []),
    ),
  ];
}

/** Under one name, aligned. */
function row(name: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `${(i === 0 ? `${name}:` : "").padEnd(22)}${line}`.trimEnd());
}

function influences(all: readonly Influence[], wording: Wording): string[] {
  return all.map((one) => influencesText([one], wording));
}

function linesOf(symbol: KconfigSymbol, kind: Property["kind"], wording: Wording): string[] {
  return symbol.properties.flatMap((property) => {
    if (property.kind !== kind) return [];
    const value =
      property.kind === "default"
        ? formatExpression(property.value)
        : property.kind === "range"
          ? `${property.low.name} to ${property.high.name}`
          : "";
    const holds = wording.values.holds(property.condition) > 0;
    const condition =
      property.condition === undefined || holds
        ? ""
        : ` if ${conditionText(property.condition, wording)}`;
    return [`${value}${condition} (${wording.placeOf(property.place)})`];
  });
}
