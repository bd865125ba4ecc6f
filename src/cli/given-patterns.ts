import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { patternsIn } from "../query/pattern-lines.ts";
import type { KraftContext } from "./context.ts";
import { readStandardInput } from "./standard-input.ts";

/** What the user typed, and where more stands. */
export interface PatternRequest {
  /** Of these, `-` is the standard input. */
  readonly words: readonly string[];
  /** The path of a file with a pattern on each line; `-` is the standard input. */
  readonly file: string | undefined;
}

/** The patterns of a request, or why there are none. */
export type GivenPatterns =
  | {
      readonly kind: "given";
      readonly patterns: readonly string[];
      /** Whether a list was read, which says what is wanted even when it is empty. */
      readonly isList: boolean;
    }
  | { readonly kind: "unreadable"; readonly path: string };

/** The patterns that `words` state, and those that are read from lists, each in its place. */
export async function givenPatterns(
  { words, file }: PatternRequest,
  context: Pick<KraftContext, "stdin" | "host">,
): Promise<GivenPatterns> {
  const named = file === undefined ? words : [...words, ...(file === "-" ? ["-"] : [])];
  const input = named.includes("-") ? linesOf(await readStandardInput(context)) : [];
  const patterns = named.flatMap((word, index) => {
    // A second `-` would find the standard input at its end.
    if (word === "-") return named.indexOf("-") === index ? input : [];
    return [word];
  });
  if (file === undefined || file === "-") {
    return { kind: "given", patterns, isList: named.includes("-") };
  }
  try {
    const text = readFileSync(resolve(context.host.workingDirectory, file), "utf8");
    return { kind: "given", patterns: [...patterns, ...linesOf(text)], isList: true };
  } catch {
    return { kind: "unreadable", path: file };
  }
}

function linesOf(text: string): string[] {
  return patternsIn({ path: "patterns", text }).map((pattern) => pattern.text);
}
