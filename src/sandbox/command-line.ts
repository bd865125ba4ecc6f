// A program with its directory and environment, as a line for people. Starts nothing.

import { quoteWord } from "../base/shell-word.ts";

/** A program as the machine is to run it. */
export interface CommandLine {
  readonly argv: readonly [program: string, ...args: string[]];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly directory: string;
}

/** One line of shell that does what `line` says, wherever and from whatever shell it is run. */
export function formatCommandLine({ argv, env, directory }: CommandLine): string {
  const pairs = Object.keys(env)
    .sort()
    .map((name) => quoteWord(`${name}=${env[name]!}`));
  const words = ["env", "-i", ...pairs, ...argv.map(quoteWord)];
  return `(cd ${quoteWord(directory)} && exec ${words.join(" ")})`;
}
