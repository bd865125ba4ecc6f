import type { Entry, MapValue, ScalarValue, Value } from "../../../src/index.ts";
import type { Reading } from "./reading.ts";

/**
 * `map` as versions before 0.7 mean it: without `x-` keys at any level, and with `$` carried
 * out in all texts. No variable is known, so one without a default is empty, with a warning.
 *
 * Source: kraftkit.md §1.3.
 */
export function interpolatedMap(map: MapValue, reading: Reading): MapValue {
  const entries = [...map.entries.values()]
    .filter(({ key }) => !key.startsWith("x-"))
    .map((entry): [string, Entry] => [
      entry.key,
      { ...entry, value: interpolated(entry.value, reading) },
    ]);
  return { ...map, entries: new Map(entries) };
}

function interpolated(value: Value, reading: Reading): Value {
  switch (value.kind) {
    case "scalar":
      return interpolatedScalar(value, reading);
    case "list":
      return { ...value, items: value.items.map((item) => interpolated(item, reading)) };
    case "map":
      return interpolatedMap(value, reading);
  }
}

function interpolatedScalar(scalar: ScalarValue, { error, warn }: Reading): ScalarValue {
  if (typeof scalar.value !== "string" || !scalar.text.includes("$")) return scalar;
  const result = expand(scalar.text, 0);
  const { at } = scalar;
  if (result.problem !== undefined) {
    error({ code: "bad-interpolation", message: result.problem, at, help: escapeHelp });
    return scalar;
  }
  const [missing] = result.missing;
  if (missing !== undefined) {
    const message = `no variable is known here, so $${missing} is empty`;
    warn({ code: "bad-interpolation", message, at, help: escapeHelp });
  }
  return { ...scalar, value: result.text, text: result.text };
}

const escapeHelp = "write $$ for a dollar sign";
/** Of defaults inside defaults; more than anybody writes. */
const maxDepth = 20;

interface Expansion {
  readonly text: string;
  /** The variables that came to nothing. */
  readonly missing: readonly string[];
  /** Why `text` cannot be meant. */
  readonly problem?: string;
}

function expand(text: string, depth: number): Expansion {
  const parts: string[] = [];
  const missing: string[] = [];
  let from = 0;
  for (;;) {
    const dollar = text.indexOf("$", from);
    if (dollar === -1) return { text: parts.join("") + text.slice(from), missing };
    parts.push(text.slice(from, dollar));
    const reference = referenceAt(text, dollar + 1);
    if (reference === undefined || depth > maxDepth) {
      return { text, missing, problem: "a $ stands here that begins no variable" };
    }
    const { name, operator, word, end } = reference;
    from = end;
    if (name === "$") parts.push("$");
    else if (operator === "") missing.push(name);
    else if (operator.endsWith("?")) {
      return { text, missing, problem: `the variable ${name} is required: ${word}` };
    } else if (operator.endsWith("-")) {
      const fallback = expand(word, depth + 1);
      if (fallback.problem !== undefined) return fallback;
      parts.push(fallback.text);
      missing.push(...fallback.missing);
    }
  }
}

interface Reference {
  /** Of a variable; or `$`, for a dollar sign. */
  readonly name: string;
  /** Such as `:-`; empty for a mere name. */
  readonly operator: string;
  /** What stands behind the operator. */
  readonly word: string;
  /** Where the text goes on. */
  readonly end: number;
}

/** The reference behind the dollar sign that stands before `start`. */
function referenceAt(text: string, start: number): Reference | undefined {
  const plain = matchAt(/\$|[A-Za-z_]\w*/y, text, start);
  if (plain !== undefined) {
    return { name: plain, operator: "", word: "", end: start + plain.length };
  }
  const opening = matchAt(/\{[A-Za-z_]\w*(?:\}|:?[-+?])/y, text, start);
  if (opening === undefined) return undefined;
  const name = /\w+/.exec(opening)?.[0] ?? "";
  const wordStart = start + opening.length;
  if (opening.endsWith("}")) return { name, operator: "", word: "", end: wordStart };
  const close = closingBrace(text, wordStart);
  if (close === undefined) return undefined;
  const operator = opening.slice(1 + name.length);
  return { name, operator, word: text.slice(wordStart, close), end: close + 1 };
}

/** Where the brace closes that was open before `start`. */
function closingBrace(text: string, start: number): number | undefined {
  let open = 1;
  for (let i = start; i < text.length; i++) {
    if (text.startsWith("${", i)) open++;
    else if (text[i] === "}" && --open === 0) return i;
  }
  return undefined;
}

function matchAt(sticky: RegExp, text: string, index: number): string | undefined {
  sticky.lastIndex = index;
  return sticky.exec(text)?.[0];
}
