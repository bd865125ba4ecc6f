import { type Entry, kindNameOf, pointerTo } from "../../../src/index.ts";
import { type Reading, pointerToItem, textOf } from "./reading.ts";

/**
 * `cmd`: a list of arguments, or a text that is split as a shell would. Undefined when absent.
 * Source: kraftkit.md §1.13.
 */
export function readCommand(
  entry: Entry | undefined,
  reading: Reading,
): readonly string[] | undefined {
  if (entry === undefined) return undefined;
  const { value } = entry;
  if (value.kind === "list") {
    return value.items.flatMap((item) => {
      const argument = textOf(item);
      const message = `an argument must be text, not ${kindNameOf(item)}`;
      if (argument === undefined) {
        reading.error({ code: "bad-attribute", message, at: pointerToItem(item) });
      }
      return argument ?? [];
    });
  }
  const text = textOf(value);
  const at = pointerTo(entry);
  if (text === undefined) {
    const message = `\`cmd\` must be text or a list, not ${kindNameOf(value)}`;
    return reading.error({ code: "wrong-type", message, at });
  }
  const words = shellWords(text);
  if (words !== undefined) return words;
  const message = "a quote in `cmd` is not closed";
  const help = "write the arguments as a list, in which quotes mean nothing";
  return reading.error({ code: "bad-attribute", message, at, help });
}

/**
 * The words of a line of shell, with nothing expanded; undefined when a quote is left open.
 * Source: POSIX, Shell Command Language §2.2.
 */
export function shellWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string[] | undefined;
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (quote === "" && /\s/.test(char)) {
      if (word !== undefined) words.push(word.join(""));
      word = undefined;
      continue;
    }
    word ??= [];
    if (char === quote) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char === "\\" && isEscape(quote, line[i + 1])) {
      i++;
      if (line[i] !== "\n") word.push(line[i] ?? "");
    } else word.push(char);
  }
  if (quote !== "") return undefined;
  if (word !== undefined) words.push(word.join(""));
  return words;
}

/** Whether a backslash before `next` is no character of the word. */
function isEscape(quote: string, next: string | undefined): boolean {
  if (quote === "'" || next === undefined) return false;
  return quote === "" || '$`"\\\n'.includes(next);
}
