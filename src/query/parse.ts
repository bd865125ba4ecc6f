// Text → expression. Knows no graph: a pattern may match nothing, or be none.

import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import { readArguments } from "./arguments.ts";
import type { Expression, Operator, PatternWord, Query, RevisionWord } from "./expression.ts";
import type { Need } from "./function.ts";
import { queryFunctions } from "./functions.ts";
import { patternsIn } from "./pattern-lines.ts";
import { type Token, tokensOf } from "./token.ts";
import { joinHelpFor, QuerySyntaxError, TokenReader } from "./token-reader.ts";

/**
 * The query that `source` holds: patterns, `deps(…)` and the other functions, `a + b`, `a ^ b`,
 * `a - b` (from left to right, none before the others), parentheses, `set(a b)`,
 * `let x = e in $x`, and `-` for the patterns in `input`, one on each line. Undefined when a
 * mistake was reported.
 *
 * Source: the Bazel query reference; `-` is as in Please.
 */
export function parseQuery(source: Source, report: Report, input?: Source): Query | undefined {
  let isComplete = true;
  const tell: Report = (diagnostic) => {
    isComplete = false;
    report(diagnostic);
  };
  const reader = new TokenReader(tokensOf(source), tell);
  const found = { patterns: [], revisions: [], needs: new Set<Need>(), inputUses: [] };
  const place: Place = { reader, input, ...found, report: tell, variables: [], depth: 0 };
  try {
    const expression = readExpression(place);
    const rest = reader.peek();
    if (rest.kind !== "end") reader.failAt(rest, "an operator or the end", joinHelpFor(rest));
    const readsInput = place.inputUses.length > 0;
    return isComplete ? { expression, ...found, readsInput } : undefined;
  } catch (error) {
    if (error instanceof QuerySyntaxError) return undefined;
    throw error;
  }
}

/** What is being read, and inside of what. */
export interface Place {
  readonly reader: TokenReader;
  /** Takes in every pattern that is read. */
  readonly patterns: PatternWord[];
  /** Takes in every revision that is read. */
  readonly revisions: RevisionWord[];
  /** Takes in what the functions need that are called. */
  readonly needs: Set<Need>;
  /** What `-` stands for; absent: it is not known yet, and counts as empty. */
  readonly input: Source | undefined;
  /** Takes in each `-`. */
  readonly inputUses: Span[];
  readonly report: Report;
  /** The names that `let` has made known here. */
  readonly variables: readonly string[];
  /** How many expressions this one is inside of. */
  readonly depth: number;
}

/** Reading and evaluation are recursive in this depth, and nobody writes so deep by hand. */
const maxDepth = 200;

const operators: readonly Operator[] = ["union", "intersect", "except"];

/** The expression that begins at the next token, as far as it goes. */
export function readExpression(outer: Place): Expression {
  const { reader, depth } = outer;
  const place = { ...outer, depth: depth + 1 };
  if (depth >= maxDepth) {
    reader.fail(`this query is nested more than ${maxDepth} deep`, reader.peek().at);
  }
  const first = readOperand(place);
  const steps: { operator: Operator; operand: Expression }[] = [];
  for (;;) {
    const operator = operators.find((one) => reader.takeIf(one));
    if (operator === undefined) break;
    steps.push({ operator, operand: readOperand(place) });
  }
  const last = steps.at(-1)?.operand;
  if (last === undefined) return first;
  return { kind: "operations", first, steps, at: spanning(first.at, last.at) };
}

function readOperand(place: Place): Expression {
  const { reader } = place;
  const token = reader.take();
  if (token.kind === "word") {
    if (!token.isQuoted && reader.isAt("(")) return readCall(token, place);
    return token.isQuoted || !token.text.startsWith("$")
      ? readPattern(token, place)
      : readVariable(token, place);
  }
  if (token.kind === "symbol" && token.text === "(") {
    const inner = readExpression(place);
    reader.expect(")", token.at);
    return inner;
  }
  if (isInputSign(token)) {
    place.inputUses.push(token.at);
    const patterns = place.input === undefined ? [] : patternsIn(place.input);
    place.patterns.push(...patterns);
    return { kind: "set", patterns, at: token.at };
  }
  if (token.kind === "symbol" && token.text === "let") return readLet(token.at, place);
  if (token.kind === "symbol" && token.text === "set") return readSet(token.at, place);
  return reader.failAt(token, "a label, a function or (");
}

/** `-` where an expression should begin; the word `except` is none. */
function isInputSign({ kind, at }: Token): boolean {
  return kind === "symbol" && at.source.text.slice(at.start, at.end) === "-";
}

type Word = Extract<Token, { kind: "word" }>;

function readPattern({ text, at }: Word, { patterns }: Place): PatternWord {
  const pattern = { kind: "pattern", text, at } as const;
  patterns.push(pattern);
  return pattern;
}

function readVariable({ text, at }: Word, { report, variables }: Place): Expression {
  const name = text.slice(1);
  if (!variables.includes(name)) {
    report({
      severity: "error",
      code: "unknown-variable",
      message: `nothing is called "${text}" here`,
      at,
      ...didYouMean(
        text,
        variables.map((one) => `$${one}`),
      ),
    });
  }
  return { kind: "variable", name, at };
}

function readLet(start: Span, place: Place): Expression {
  const { reader, variables } = place;
  const token = reader.take();
  if (token.kind !== "word" || token.isQuoted || !/^[A-Za-z_]\w*$/.test(token.text)) {
    const help = "a name is made of letters, digits and _, and is used as $name";
    return reader.failAt(token, "a name for a variable", { help });
  }
  const name = token.text;
  reader.expect("=");
  const value = readExpression(place);
  reader.expect("in", start);
  const body = readExpression({ ...place, variables: [...variables, name] });
  return { kind: "let", name, value, body, at: spanning(start, body.at) };
}

function readSet(start: Span, place: Place): Expression {
  const { reader } = place;
  const opened = reader.expect("(");
  const patterns: PatternWord[] = [];
  for (let next = reader.peek(); next.kind === "word"; next = reader.peek()) {
    reader.take();
    patterns.push(readPattern(next, place));
  }
  if (!reader.isAt(")")) {
    const help = "a set has labels and patterns, with spaces between them: set(//a //b)";
    const related = [{ message: "to go with this one", at: opened }];
    reader.failAt(reader.peek(), 'a label or ")"', { help, related });
  }
  const closed = reader.take();
  return { kind: "set", patterns, at: spanning(start, closed.at) };
}

function readCall(token: Word, place: Place): Expression {
  const { reader } = place;
  const called = queryFunctions.get(token.text);
  if (called === undefined) {
    place.report({
      severity: "error",
      code: "unknown-function",
      message: `there is no function "${token.text}"`,
      at: token.at,
      help: `the functions are ${[...queryFunctions.keys()].join(", ")}`,
      ...didYouMean(token.text, queryFunctions.keys()),
    });
    // What its arguments should be is not known, so that nothing behind it can be told.
    throw new QuerySyntaxError(token.text);
  }
  for (const need of called.needs) place.needs.add(need);
  const opened = reader.expect("(");
  const args = readArguments(called, place);
  const closed = reader.expect(")", opened);
  return { kind: "call", called, args, at: spanning(token.at, closed) };
}

function spanning(first: Span, last: Span): Span {
  return { ...first, end: last.end };
}
