import type { Source } from "../diagnostic/diagnostic.ts";
import type { PatternWord } from "./expression.ts";

/** The patterns in `source`, one on each line; empty lines count nothing, nor do `#` and on. */
export function patternsIn(source: Source): readonly PatternWord[] {
  const found: PatternWord[] = [];
  for (const { 0: line, index } of source.text.matchAll(/[^\r\n]+/g)) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const start = index + line.indexOf(text);
    found.push({ kind: "pattern", text, at: { source, start, end: start + text.length } });
  }
  return found;
}
