// What of the build context an instruction reads, so that nothing else counts.

import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { cleaned } from "./ignore-patterns.ts";
import { hasWildcard, withoutEscapes } from "./pattern.ts";

/** An input, and what of it, if it is a directory, is not seen, in the syntax of .gitignore. */
export interface ContextInput {
  readonly path: ExecPath;
  readonly without: readonly string[];
}

/**
 * The input of `source` in the directory `context`. More may be in it than is copied, never less:
 * `ignored` are patterns of Docker, of which only what can be said otherwise is left out.
 */
export function contextInput(
  source: string,
  context: ExecPath,
  ignored: readonly string[],
): ContextInput {
  const names = cleaned(source)
    .split("/")
    .filter((name) => name !== "");
  const wild = names.findIndex(hasWildcard);
  const prefix = names.slice(0, wild === -1 ? names.length : wild).map(withoutEscapes);
  const pattern = wild === -1 ? [] : names.slice(wild);
  const directory = prefix.join("/");
  const [only, ...deeper] = pattern;
  const chosen = only === undefined || deeper.length > 0 ? [] : ["/*", `!/${only}`];
  return {
    path: directory === "" ? context : posix.join(context, directory),
    without: [...chosen, ...hiddenBelow(directory, ignored)],
  };
}

/** The patterns that hide something below `directory`, from there. */
function hiddenBelow(directory: string, ignored: readonly string[]): string[] {
  // What is excepted may be in a directory that is not: git would not find it there.
  if (ignored.some((pattern) => pattern.startsWith("!"))) return [];
  return ignored.flatMap((written) => {
    const pattern = cleaned(written);
    // Braces, blanks and backslashes: better to see too much than to guess.
    if (!/^[\w.*?/+@-]+$/.test(pattern)) return [];
    if (directory === "") return [`/${pattern}`];
    if (pattern.startsWith("**/")) return [`/${pattern}`];
    return pattern.startsWith(`${directory}/`) ? [pattern.slice(directory.length)] : [];
  });
}
