// Patterns of .dockerignore, of --exclude and --parents. Source: moby/patternmatcher; Docker,
// ".dockerignore files". They are not those of .gitignore: all begin at the root, and what is
// excepted counts wherever it is.

import { expressionOf, quoted, setOf } from "./pattern.ts";

/** A list of patterns, of which later ones go before earlier ones. */
export interface IgnorePatterns {
  /** Whether one of the patterns that are not exceptions matches `path`, or a directory above it. */
  readonly matches: (path: string) => boolean;
  /** Whether something may be meant in a directory that is not. */
  readonly hasExceptions: boolean;
}

/** The patterns in the text of an ignore file, one on each line. */
export function readIgnoreFile(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  return lines
    .filter((line) => !line.startsWith("#"))
    .flatMap((line) => {
      const trimmed = line.trim();
      return trimmed === "" ? [] : [trimmed];
    });
}

/** Matches paths such as `src/main.c`. A pattern that is none matches nothing. */
export function ignorePatterns(patterns: readonly string[]): IgnorePatterns {
  const all = patterns.flatMap((pattern) => {
    const isException = pattern.startsWith("!");
    const clean = cleaned(isException ? pattern.slice(1).trim() : pattern);
    const expression = clean === "" ? undefined : compile(clean);
    return expression === undefined ? [] : [{ isException, expression }];
  });
  return {
    hasExceptions: all.some(({ isException }) => isException),
    matches: (path) => {
      const names = path.split("/");
      const paths = names.map((_, i) => names.slice(0, i + 1).join("/"));
      let isMatched = false;
      for (const { isException, expression } of all) {
        // A pattern can only change what the ones before it said.
        if (isException !== isMatched) continue;
        if (paths.some((one) => expression.test(one))) isMatched = !isException;
      }
      return isMatched;
    },
  };
}

/** The same pattern without what means nothing: `./a//b/` is `a/b`. */
export function cleaned(pattern: string): string {
  const names: string[] = [];
  for (const name of pattern.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  return names.join("/");
}

function compile(pattern: string): RegExp | undefined {
  let result = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === "*" && pattern[i + 1] === "*") {
      i++;
      if (pattern[i + 1] === "/") i++;
      result += i + 1 >= pattern.length ? ".*" : "(?:.*/)?";
    } else if (character === "*") result += "[^/]*";
    else if (character === "?") result += "[^/]";
    else if (character === "\\" && i + 1 < pattern.length) result += quoted(pattern[++i]!);
    else if (character === "[") {
      const [whole, set] = /^\[(\^?(?:\\.|[^\]\\])+)\]/su.exec(pattern.slice(i)) ?? [];
      if (whole === undefined || set === undefined) return undefined;
      result += setOf(set);
      i += whole.length - 1;
    } else result += quoted(character);
  }
  return expressionOf(`^${result}$`);
}
