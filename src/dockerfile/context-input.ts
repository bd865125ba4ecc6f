// What of the build context an instruction reads, so that nothing else counts.

import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { gitignorePatterns } from "./gitignore-patterns.ts";
import { cleaned } from "./ignore-patterns.ts";
import { hasWildcard, matchesGlob, withoutEscapes } from "./pattern.ts";

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
  const isChosen = only !== undefined && deeper.length === 0;
  const hidden = gitignorePatterns(ignored, directory);
  return {
    path: directory === "" ? context : posix.join(context, directory),
    // What is excepted elsewhere would be seen again.
    without: isChosen
      ? ["/*", `!/${only}`, ...hidden.filter((line) => !isForeign(line, only))]
      : hidden,
  };
}

/** Whether `line` is an exception that means nothing called as `pattern` says. */
function isForeign(line: string, pattern: string): boolean {
  const [, name] = /^!\/([^/]*)/.exec(line) ?? [];
  return name !== undefined && !hasWildcard(name) && matchesGlob(pattern, name) === false;
}
