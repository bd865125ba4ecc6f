import { assertNever } from "../base/brand.ts";
import type { Argument } from "./expression.ts";
import type { Parameter, QueryFunction } from "./function.ts";
import { type Place, readExpression } from "./parse.ts";

/** What stands between the parentheses of a call of `called`, up to the closing one. */
export function readArguments(called: QueryFunction, place: Place): readonly Argument[] {
  const { reader } = place;
  const args: Argument[] = [];
  for (const parameter of called.parameters) {
    if (args.length > 0 && !takeComma(args.length >= called.required, called, place)) break;
    args.push(readArgument(parameter, place));
  }
  if (reader.isAt(",")) {
    const help = `it is used as ${called.usage}`;
    reader.fail(`${called.name} takes no more than this`, reader.peek().at, { help });
  }
  return args;
}

/** False when the arguments end here, as they may when `isEnough`. */
function takeComma(isEnough: boolean, called: QueryFunction, { reader }: Place): boolean {
  if (reader.takeIf(",")) return true;
  if (isEnough) return false;
  return reader.failAt(reader.peek(), '","', { help: `it is used as ${called.usage}` });
}

function readArgument(parameter: Parameter, place: Place): Argument {
  switch (parameter) {
    case "expression":
      return { kind: "expression", expression: readExpression(place) };
    case "regex":
      return { kind: "regex", regex: readRegex(place) };
    case "count":
      return { kind: "count", count: readCount(place) };
    default:
      return assertNever(parameter);
  }
}

function readRegex({ reader }: Place): RegExp {
  const token = reader.take();
  if (token.kind !== "word") return reader.failAt(token, "a regular expression");
  try {
    return new RegExp(token.text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return reader.fail(`this is no regular expression: ${reasonIn(reason)}`, token.at);
  }
}

/** The end of `Invalid regular expression: /x/: reason`, as the rest repeats what is shown. */
function reasonIn(message: string): string {
  return message.slice(message.lastIndexOf(": ") + 2).toLowerCase();
}

function readCount({ reader }: Place): number {
  const token = reader.take();
  if (token.kind === "word" && /^\d{1,9}$/.test(token.text)) return Number(token.text);
  return reader.failAt(token, "a number from 0");
}
