// Options and wishes → values. Knows no file.
// Source: Linux, Documentation/kbuild/kconfig-language.rst; conf of Linux 5.2 where that is silent.

import { compares } from "./compare.ts";
import type { Expression } from "./expression.ts";
import { type Cause, isLogical, nothing, type Resolved } from "./resolved.ts";
import { constants, type Influence, type KconfigSymbol, type Property } from "./symbol.ts";
import { textValueOf } from "./text-value.ts";
import { formatTristate, least, most, type Tristate } from "./tristate.ts";
import type { UserValues } from "./user-values.ts";

/** The values of all options for one set of wishes. */
export class Evaluation {
  readonly #wishes: UserValues;
  readonly #values = new Map<KconfigSymbol, Resolved>();
  #hasModules = false;

  constructor(wishes: UserValues, modules: KconfigSymbol | undefined) {
    this.#wishes = wishes;
    if (modules !== undefined) this.#hasModules = this.of(modules).tristate > 0;
  }

  /** What `symbol` comes to. */
  of(symbol: KconfigSymbol): Resolved {
    const known = this.#values.get(symbol);
    if (known !== undefined) return known;
    // What depends on itself finds itself off, as in conf.
    this.#values.set(symbol, { ...nothing, value: isLogical(symbol) ? "n" : "" });
    const resolved = this.#resolve(symbol);
    this.#values.set(symbol, resolved);
    return resolved;
  }

  /** How far `expression` holds. */
  holds(expression: Expression | undefined): Tristate {
    if (expression === undefined) return 2;
    switch (expression.kind) {
      case "symbol":
        return this.of(expression.symbol).tristate;
      case "not":
        return (2 - this.holds(expression.operand)) as Tristate;
      case "and":
        return least(this.holds(expression.left), this.holds(expression.right));
      case "or":
        return most(this.holds(expression.left), this.holds(expression.right));
      case "compare": {
        const { left, operator, right } = expression;
        return compares(this.#operand(left), operator, this.#operand(right)) ? 2 : 0;
      }
    }
  }

  /** The first range of `symbol` whose condition holds. */
  rangeOf({ properties }: KconfigSymbol): Extract<Property, { kind: "range" }> | undefined {
    for (const property of properties) {
      if (property.kind === "range" && this.holds(property.condition) > 0) return property;
    }
    return undefined;
  }

  /** How far what `symbol` depends on holds, apart from its prompt. */
  dependenciesOf(symbol: KconfigSymbol): Tristate {
    const { directDependencies } = symbol;
    if (directDependencies.length === 0) return 2;
    return this.#rounded(symbol, this.#most(directDependencies));
  }

  #resolve(symbol: KconfigSymbol): Resolved {
    const { kind, name = "" } = symbol;
    if (kind === "constant" || symbol.type === "unknown") {
      const tristate = symbol === constants.y ? 2 : symbol === constants.m ? 1 : 0;
      return { ...nothing, value: name, tristate };
    }
    const visibility = this.#visibilityOf(symbol);
    if (kind === "choice") return this.#choice(symbol, visibility);
    const resolved = isLogical(symbol)
      ? this.#logical(symbol, visibility)
      : textValueOf(symbol, visibility, { wish: this.#wishes.texts.get(symbol), values: this });
    return symbol.isWritable ? resolved : { ...resolved, isWritten: false };
  }

  #visibilityOf(symbol: KconfigSymbol): Tristate {
    let visibility: Tristate = 0;
    for (const property of symbol.properties) {
      if (property.kind !== "prompt") continue;
      let one = this.holds(property.condition);
      const { choice } = symbol;
      // Where exactly one member is y, the others are not there as m.
      if (choice !== undefined && symbol.type === "tristate" && one === 1) {
        if (this.of(choice).tristate === 2) one = 0;
      }
      visibility = most(visibility, one);
    }
    const isWhole = visibility === 1 && (symbol.type !== "tristate" || !this.#hasModules);
    return isWhole ? 2 : visibility;
  }

  #choice(choice: KconfigSymbol, visibility: Tristate): Resolved {
    const wish = this.#wishes.choices.get(choice);
    const asked = visibility > 0 ? least(wish?.value ?? 0, visibility) : 0;
    const tristate = this.#rounded(choice, most(asked, this.#most(choice.floors)));
    const own = { ...nothing, value: formatTristate(tristate), tristate, visibility };
    if (tristate !== 2) return own;
    // Members look at their choice.
    this.#values.set(choice, own);
    // All of them, before any is chosen: members may depend on each other.
    const open = new Set(choice.members.filter((member) => this.#visibilityOf(member) > 0));
    const isOpen = (member: KconfigSymbol): boolean => open.has(member);
    if (wish?.chosen !== undefined && isOpen(wish.chosen)) {
      return { ...own, chosen: wish.chosen, cause: { kind: "user" } };
    }
    const standard = this.#standardMember(choice, isOpen);
    if (standard === undefined) return { ...own, value: "n", tristate: 0 };
    return { ...own, ...standard };
  }

  #standardMember(
    choice: KconfigSymbol,
    isOpen: (member: KconfigSymbol) => boolean,
  ): Pick<Resolved, "chosen" | "cause"> | undefined {
    for (const property of choice.properties) {
      if (property.kind !== "default" || property.value.kind !== "symbol") continue;
      const { symbol } = property.value;
      if (this.holds(property.condition) === 0 || !isOpen(symbol)) continue;
      return { chosen: symbol, cause: { kind: "default", property } };
    }
    const chosen = choice.members.find(isOpen);
    return chosen && { chosen, cause: { kind: "none" } };
  }

  #logical(symbol: KconfigSymbol, visibility: Tristate): Resolved {
    const { choice } = symbol;
    if (choice !== undefined && visibility === 2) {
      const tristate = this.of(choice).chosen === symbol ? 2 : 0;
      return logical(tristate, visibility, { kind: "choice", choice }, true);
    }
    const isMember = choice !== undefined;
    const selecting = isMember ? [] : this.#active(symbol.selectedBy);
    const selected = this.#rounded(symbol, this.#strongest(selecting));
    const own = this.#ownValue(symbol, visibility);
    let tristate = most(own.tristate, selected);
    const isWhole = this.#isBool(symbol, visibility) || own.implied === 2;
    if (tristate === 1 && isWhole) tristate = 2;
    const cause: Cause = selected > own.tristate ? { kind: "select", by: selecting } : own.cause;
    const isWritten = visibility > 0 || own.isSaid || selected > 0;
    const value = tristate === 1 && !this.#hasModules ? "n" : formatTristate(tristate);
    return { ...logical(tristate, visibility, cause, isWritten), value };
  }

  /** What `symbol` would be if nothing selected it. */
  #ownValue(
    symbol: KconfigSymbol,
    visibility: Tristate,
  ): { tristate: Tristate; cause: Cause; implied: Tristate; isSaid: boolean } {
    const isMember = symbol.choice !== undefined;
    const implying =
      isMember || this.dependenciesOf(symbol) === 0 ? [] : this.#active(symbol.impliedBy);
    const implied = this.#rounded(symbol, this.#strongest(implying));
    const wish = visibility > 0 ? this.#wishes.tristates.get(symbol) : undefined;
    if (wish !== undefined) {
      return { tristate: least(wish, visibility), cause: { kind: "user" }, implied, isSaid: true };
    }
    const standard = this.defaultOf(symbol);
    const given =
      standard === undefined
        ? 0
        : least(this.holds(standard.value), this.holds(standard.condition));
    if (implied > given) {
      return { tristate: implied, cause: { kind: "imply", by: implying }, implied, isSaid: true };
    }
    const cause: Cause =
      standard === undefined ? { kind: "none" } : { kind: "default", property: standard };
    return { tristate: given, cause, implied, isSaid: given > 0 || implied > 0 };
  }

  /** The first default whose condition holds. */
  defaultOf({ properties }: KconfigSymbol): Extract<Property, { kind: "default" }> | undefined {
    for (const property of properties) {
      if (property.kind === "default" && this.holds(property.condition) > 0) return property;
    }
    return undefined;
  }

  #active(influences: readonly Influence[]): Influence[] {
    return influences.filter((one) => this.#strengthOf(one) > 0);
  }

  #strengthOf({ by, property }: Influence): Tristate {
    return least(this.of(by).tristate, this.holds(property.condition));
  }

  #strongest(influences: readonly Influence[]): Tristate {
    return influences.map((one) => this.#strengthOf(one)).reduce<Tristate>(most, 0);
  }

  #most(expressions: readonly (Expression | undefined)[]): Tristate {
    return expressions.map((one) => this.holds(one)).reduce<Tristate>(most, 0);
  }

  /** `value` for a symbol that may not be able to be m. */
  #rounded(symbol: KconfigSymbol, value: Tristate): Tristate {
    return value === 1 && (symbol.type === "bool" || !this.#hasModules) ? 2 : value;
  }

  #isBool(symbol: KconfigSymbol, visibility: Tristate): boolean {
    if (symbol.type === "bool" || !this.#hasModules) return true;
    return symbol.choice !== undefined && visibility === 2;
  }

  #operand(symbol: KconfigSymbol): { type: KconfigSymbol["type"]; text: string } {
    const { value } = this.of(symbol);
    return { type: symbol.type, text: value };
  }
}

function logical(
  tristate: Tristate,
  visibility: Tristate,
  cause: Cause,
  isWritten: boolean,
): Resolved {
  const value = formatTristate(tristate);
  return { ...nothing, value, tristate, visibility, cause, isWritten };
}
