import { constants, type KconfigSymbol, newSymbol } from "./symbol.ts";

/** All symbols of one reading, by name. */
export class SymbolTable {
  /** Options that were named; those that nothing declares have the type `unknown`. */
  readonly options = new Map<string, KconfigSymbol>();
  readonly choices: KconfigSymbol[] = [];
  /** The option that says whether there are modules; a core need not have one. */
  modules: KconfigSymbol | undefined;
  readonly #constants = new Map<string, KconfigSymbol>(Object.entries(constants));

  /** What the bare word `name` stands for. */
  named(name: string): KconfigSymbol {
    if (name === "y" || name === "m" || name === "n") return constants[name];
    const known = this.options.get(name);
    if (known !== undefined) return known;
    const symbol = newSymbol("option", name);
    this.options.set(name, symbol);
    return symbol;
  }

  /** The constant `text`. */
  constant(text: string): KconfigSymbol {
    const known = this.#constants.get(text);
    if (known !== undefined) return known;
    const symbol = newSymbol("constant", text);
    this.#constants.set(text, symbol);
    return symbol;
  }

  /** The choice `name`, which may be declared in several places; one without a name is new. */
  choice(name: string | undefined): KconfigSymbol {
    const known = name === undefined ? undefined : this.choices.find((one) => one.name === name);
    if (known !== undefined) return known;
    const symbol = { ...newSymbol("choice", name), isWritable: false };
    this.choices.push(symbol);
    return symbol;
  }
}
