// One job as a line of shell. Starts nothing.

import { quote } from "../base/shell-word.ts";

/** A program to run: where, with what, and where its output goes. */
export interface ShellJob {
  /** The first is the absolute path of the program. */
  readonly argv: readonly [program: string, ...args: string[]];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly directory: string;
  /** Absolute; is replaced, and made when missing. */
  readonly stdoutFile: string;
  readonly stderrFile: string;
}

/** What a shell is told once, before the first job. */
export const prologue = [
  // Whoever started the engine may have left descriptors open, such as those of make's jobserver.
  // Above 9 they stay, as dash has no word for them.
  "exec 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-",
  // Node passes this one on, whatever environment is asked for.
  "unset NODE_V8_COVERAGE",
  "umask 022",
  "ulimit -c 0",
  // Not ignored, which programs would inherit; the end of each job sends it to the whole group.
  "trap : TERM",
  "",
].join("\n");

/**
 * Runs `job`, sends SIGTERM to whatever it left behind, and writes `<status>\n` to descriptor 3.
 *
 * `isDash`: prefix assignments are the whole environment in dash, and it starts a simple command
 * with vfork. Other shells export variables of their own, so they start `env -i`.
 */
export function scriptOf(job: ShellJob, isDash: boolean): string {
  const { argv, env, directory, stdoutFile, stderrFile } = job;
  const names = Object.keys(env).sort();
  const isPlain = isDash && names.every((name) => identifier.test(name));
  const pairs = names.map((name) => (isPlain ? name : quote(name)) + `=${quote(env[name]!)}`);
  const words = [...(isPlain ? [] : ["/usr/bin/env", "-i"]), ...pairs, ...argv.map(quote)];
  const streams = `</dev/null >${quote(stdoutFile)} 2>${quote(stderrFile)} 3>&-`;
  // `cd` exports both in dash.
  const command = `unset PWD OLDPWD;${words.join(" ")} ${streams};`;
  return `cd ${quote(directory)} && { ${command} };s=$?;kill -s TERM 0;echo $s >&3\n`;
}

/** Why `job` can be no command at all; undefined when it can. */
export function problemOf({ argv, env, directory }: ShellJob): string | undefined {
  const words = [...argv, directory, ...Object.keys(env), ...Object.values(env)];
  if (words.some((word) => word.includes("\0"))) return "an argument or variable holds a NUL byte";
  const name = Object.keys(env).find((one) => one === "" || one.includes("="));
  return name === undefined ? undefined : `${JSON.stringify(name)} cannot be a variable's name`;
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
