import { assertNever } from "../base/brand.ts";
import type { Span } from "../diagnostic/diagnostic.ts";
import type { Argument } from "./expression.ts";
import type { Parameter, QueryFunction } from "./function.ts";
import { type Place, readExpression } from "./parse.ts";

/** What stands between the parentheses of a call of `called`, up to the closing one. */
export function readArguments(called: QueryFunction, place: Place): readonly Argument[] {
  const { reader } = place;
  const args: Argument[] = [];
  for (;;) {
    const last = called.isVariadic ? called.parameters.at(-1) : undefined;
    const parameter = called.parameters[args.length] ?? last;
    if (parameter === undefined) break;
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
    case "attribute": {
      const { text: name, at } = readWord("the name of an attribute", place);
      return { kind: "attribute", name, at };
    }
    case "path":
      return { kind: "path", ...readWord("the path of a file", place) };
    case "revision": {
      const revision = { kind: "revision", ...readRevision(place) } as const;
      place.revisions.push(revision);
      return revision;
    }
    default:
      return assertNever(parameter);
  }
}

function readWord(expected: string, { reader }: Place): { text: string; at: Span } {
  const token = reader.take();
  if (token.kind !== "word" || token.text === "") return reader.failAt(token, expected);
  return { text: token.text, at: token.at };
}

/** `HEAD^` is two tokens: to queries, `^` joins expressions, of which a revision is none. */
function readRevision(place: Place): { text: string; at: Span } {
  const { reader } = place;
  const word = readWord("a revision of git", place);
  const next = reader.peek();
  if (next.kind === "symbol" && next.text !== "," && next.text !== ")") {
    const { source, start } = word.at;
    const written = /^[^\s,)]*/.exec(source.text.slice(start))?.[0] ?? "";
    const isWhole = !/["']/.test(written) && start + written.length > next.at.start;
    const example = isWhole ? `: '${written}'` : "";
    reader.failAt(next, '"," or ")"', { help: `put a revision into quotes${example}` });
  }
  return word;
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
