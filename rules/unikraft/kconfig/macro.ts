// The macro language of Config.uk files: variables, functions, `$(shell,…)`. Knows no option.
// Source: Linux, Documentation/kbuild/kconfig-macro-language.rst.

import { KconfigError } from "./kconfig-error.ts";
import type { Place } from "./symbol.ts";

/** What macros may ask of the outside. */
export interface MacroWorld {
  /** What `command` prints, run by `sh`. */
  readonly shell: (command: string) => string;
  /** A variable of the environment; undefined when it is not set. */
  readonly environment: (name: string) => string | undefined;
}

/** How a variable is set: `=` (expanded when used), `:=` (expanded at once), `+=`. */
export type AssignmentOperator = "=" | ":=" | "+=";

interface Variable {
  value: string;
  isRecursive: boolean;
  /** How many expansions of it are under way. */
  depth: number;
}

/** The variables of one reading. */
export class Macros {
  readonly #world: MacroWorld;
  readonly #warn: (message: string, place: Place) => void;
  readonly #variables = new Map<string, Variable>();

  constructor(world: MacroWorld, warn: (message: string, place: Place) => void) {
    this.#world = world;
    this.#warn = warn;
  }

  assign(name: string, operator: AssignmentOperator, text: string, place: Place): void {
    const known = this.#variables.get(name);
    const isAppended = operator === "+=";
    const isRecursive = isAppended ? (known?.isRecursive ?? true) : operator === "=";
    const value = isRecursive ? text : this.expand(text, place);
    const joined = isAppended && known !== undefined ? `${known.value} ${value}` : value;
    this.#variables.set(name, { value: joined, isRecursive, depth: known?.depth ?? 0 });
  }

  /** `text` with all that begins with `$(` in it expanded; `args` are `$(1)` and on. */
  expand(text: string, place: Place, args: readonly string[] = []): string {
    let out = "";
    for (let at = 0; at < text.length; ) {
      if (text[at] !== "$") {
        const next = text.indexOf("$", at);
        const end = next === -1 ? text.length : next;
        out += text.slice(at, end);
        at = end;
        continue;
      }
      const reference = this.expandAt(text, at, place, args);
      out += reference.text;
      at = reference.end;
    }
    return out;
  }

  /** What the `$` at `start` in `text` begins, expanded, and where it ends. */
  expandAt(
    text: string,
    start: number,
    place: Place,
    args: readonly string[] = [],
  ): { text: string; end: number } {
    if (text[start + 1] !== "(") return { text: "$", end: start + 1 };
    const end = closingOf(text, start + 2);
    if (end === undefined) {
      throw new KconfigError(place, `there is no ")" for "${text.slice(start, start + 30)}"`);
    }
    return { text: this.#clause(text.slice(start + 2, end), place, args), end: end + 1 };
  }

  #clause(clause: string, place: Place, args: readonly string[]): string {
    const isArgument = /^[1-9]\d*$/.test(clause) ? args[Number(clause) - 1] : undefined;
    if (isArgument !== undefined) return isArgument;
    const [name = "", ...values] = splitAtCommas(clause).map((part) =>
      this.expand(part, place, args),
    );
    const variable = this.#variables.get(name);
    if (variable !== undefined) return this.#use(name, variable, values, place);
    const builtIn = this.#builtIn(name, values, place);
    if (builtIn !== undefined) return builtIn;
    return values.length > 0 || name === "" ? "" : (this.#world.environment(name) ?? "");
  }

  #use(name: string, variable: Variable, args: readonly string[], place: Place): string {
    const isLoop = (args.length === 0 && variable.depth > 0) || variable.depth > maxDepth;
    if (isLoop) throw new KconfigError(place, `the variable ${name} contains itself`);
    if (!variable.isRecursive) return variable.value;
    variable.depth++;
    const text = this.expand(variable.value, place, args);
    variable.depth--;
    return text;
  }

  #builtIn(name: string, args: readonly string[], place: Place): string | undefined {
    const [first = "", second = ""] = args;
    switch (name) {
      case "shell":
        return oneLine(this.#world.shell(args.join(",")));
      case "filename":
        return place.file;
      case "lineno":
        return String(place.line);
      case "info":
        return "";
      case "warning-if":
        if (first === "y") this.#warn(second, place);
        return "";
      case "error-if":
        if (first === "y") throw new KconfigError(place, second);
        return "";
      default:
        return undefined;
    }
  }
}

/** As conf has it. */
const maxDepth = 1000;

/** The `)` that ends what begins at `start`. */
function closingOf(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && depth-- === 0) return at;
  }
  return undefined;
}

/** The arguments of a call; a comma in parentheses is of an inner one. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")") depth--;
    else if (text[at] === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** The output of a command as conf takes it: 255 bytes, and spaces for line breaks. */
function oneLine(output: string): string {
  const kept = Buffer.from(output, "utf8").subarray(0, 255).toString("utf8");
  return kept.replace(/\n+$/, "").replaceAll("\n", " ");
}
