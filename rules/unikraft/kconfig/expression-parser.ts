import type { ComparisonOperator, Expression } from "./expression.ts";
import { KconfigError } from "./kconfig-error.ts";
import type { Token } from "./scan.ts";
import type { KconfigSymbol, Place } from "./symbol.ts";
import type { SymbolTable } from "./symbol-table.ts";

/** Reads the words of one statement, from left to right. */
export class WordReader {
  readonly place: Place;
  readonly #words: readonly Token[];
  readonly #table: SymbolTable;
  #at = 0;

  constructor(words: readonly Token[], place: Place, table: SymbolTable) {
    this.#words = words;
    this.place = place;
    this.#table = table;
  }

  /** The next word, if it is a bare one. */
  keyword(): string | undefined {
    const token = this.#words[this.#at];
    if (token?.kind !== "word") return undefined;
    this.#at++;
    return token.text;
  }

  /** Takes the word `text` if it is the next. */
  takes(text: string): boolean {
    const token = this.#words[this.#at];
    if (token === undefined || token.kind === "quoted" || token.text !== text) return false;
    this.#at++;
    return true;
  }

  /** Text that is shown, quoted or a single word; undefined when there is none. */
  optionalText(): string | undefined {
    const token = this.#words[this.#at];
    if (token === undefined || token.kind === "operator") return undefined;
    if (token.kind === "word" && token.text === "if") return undefined;
    this.#at++;
    return token.text;
  }

  text(): string {
    return this.optionalText() ?? this.#fail("text is missing");
  }

  /** An option's name, which stands without quotes. */
  option(): KconfigSymbol {
    const name = this.keyword();
    return name === undefined ? this.#fail("a name is missing") : this.#table.named(name);
  }

  symbol(): KconfigSymbol {
    const token = this.#words[this.#at];
    if (token === undefined || token.kind === "operator") {
      return this.#fail(
        `${token === undefined ? "a value" : `a value before "${token.text}"`} is missing`,
      );
    }
    this.#at++;
    return token.kind === "quoted"
      ? this.#table.constant(token.text)
      : this.#table.named(token.text);
  }

  /** `if …` at the end of a line; undefined when there is none. */
  condition(): Expression | undefined {
    return this.takes("if") ? this.expression() : undefined;
  }

  /** Lowest first: `||`, `&&`, comparisons, `!`. */
  expression(): Expression {
    let left = this.#conjunction();
    while (this.takes("||")) left = { kind: "or", left, right: this.#conjunction() };
    return left;
  }

  /** Fails unless all words were read. */
  end(): void {
    const token = this.#words[this.#at];
    if (token !== undefined) this.#fail(`"${token.text}" is not expected here`);
  }

  #conjunction(): Expression {
    let left = this.#operand();
    while (this.takes("&&")) left = { kind: "and", left, right: this.#operand() };
    return left;
  }

  #operand(): Expression {
    if (this.takes("!")) return { kind: "not", operand: this.#operand() };
    if (this.takes("(")) {
      const inner = this.expression();
      if (!this.takes(")")) this.#fail('a ")" is missing');
      return inner;
    }
    const left = this.symbol();
    const operator = comparisons.find((one) => this.takes(one));
    if (operator === undefined) return { kind: "symbol", symbol: left };
    return { kind: "compare", operator, left, right: this.symbol() };
  }

  #fail(message: string): never {
    throw new KconfigError(this.place, message);
  }
}

const comparisons: readonly ComparisonOperator[] = ["=", "!=", "<=", "<", ">=", ">"];
