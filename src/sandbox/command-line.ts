// A program with its directory and environment, as a line for people. Starts nothing.

import { quote } from "./shell-script.ts";

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

/** `text` as a word of shell, in quotes only when it needs them. */
export function quoteWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : quote(text);
}
