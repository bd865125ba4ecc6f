// Programs that the user talks to. Not for actions, which talk to nobody.

import { spawn } from "node:child_process";

/** What such a program gets. */
export interface TerminalOptions {
  /** Absolute. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether it gets the terminal; else it gets no input, and its output is the error stream. */
  readonly isInteractive: boolean;
}

/** Runs `argv` to its end. Gives its exit code; undefined when a signal ended it. */
export function runInTerminal(
  argv: readonly [string, ...string[]],
  { directory, env, isInteractive }: TerminalOptions,
): Promise<number | undefined> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const stdio = isInteractive ? ("inherit" as const) : (["ignore", 2, 2] as const);
    const child = spawn(program, args, { cwd: directory, env, stdio: stdio as "inherit" });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? undefined));
  });
}
