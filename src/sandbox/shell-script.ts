// One job as a line of shell. Starts nothing.

import { quote } from "../base/shell-word.ts";
import { type SimpleCommand, simpleCommandOf } from "./simple-command.ts";

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

/** What a shell makes of its surroundings before the first job, and after each. */
export interface ShellManners {
  /** What it is told once, before the first job. */
  readonly prologue: string;
  /** Ends what a job left behind. */
  readonly cleaning: string;
  /** Descriptors that jobs do not get. */
  readonly own: readonly number[];
}

/** The descriptor of the directory that a shell alone in its namespaces prints into. */
export const printedDescriptor = 4;

const common = [
  // Node passes this one on, whatever environment is asked for.
  "unset NODE_V8_COVERAGE",
  "umask 022",
  "ulimit -c 0",
  // Not ignored, which programs would inherit; the end of each job sends it to the whole group.
  "trap : TERM",
  "",
].join("\n");

/**
 * For a shell that leads a process group, to which SIGTERM is sent after each job.
 *
 * Whoever started the engine may have left descriptors open, such as those of make's jobserver.
 * Above 9 they stay, as dash has no word for them.
 */
export const groupManners: ShellManners = {
  prologue: `exec 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-\n${common}`,
  cleaning: "kill -s TERM 0",
  own: [3],
};

/** How often to kill what a job left behind: each time takes a microsecond or two. */
const killLimit = 20_000;

/**
 * What a directory has in it, also what is called like one of these: the shell leaves a pattern that
 * fits nothing as it is.
 */
const everythingIn = ["*", ".[!.]*", "..?*", "[*]*", ".[[]*", "..[?]*"];

/**
 * For a shell that is alone in its process namespace, called `name`, an absolute path that it removes.
 * After each job everything there is killed. When something goes on all the same, or there is something
 * new in one of the `scratch` directories, or one of them cannot be used, its answer ends in ` dirty`.
 */
export function aloneManners(name: string, scratch: readonly string[]): ShellManners {
  const globs = scratch.flatMap((one) => everythingIn.map((glob) => `${one}/${glob}`)).join(" ");
  const usable = scratch.map((one) => `[ -r ${one} ]&&[ -w ${one} ]&&[ -x ${one} ]`).join("&&");
  const kill = `while kill -s KILL -- -1&&[ $n -lt ${killLimit} ];do n=$((n+1));done`;
  const count = "set -- /proc/[0-9]*";
  const start = ["exec 5>&- 6>&- 7>&- 8>&- 9>&-", `${common}/bin/rm -f ${quote(name)}`];
  const known = [count, "p=$#", `set -- ${globs}`, 'k="$*"', ""];
  return {
    prologue: [...start, ...known].join("\n"),
    cleaning: [
      `cd /;n=0;${kill}`,
      `${count};n=$#;set -- ${globs}`,
      `[ $n = $p ]&&[ "$*" = "$k" ]&&${usable}||s="$s dirty"`,
    ].join(";"),
    own: [3, printedDescriptor],
  };
}

/**
 * Runs `job`, ends whatever it left behind, and writes `<status>\n` to descriptor 3, or
 * `<status> silent\n` when it printed nothing.
 *
 * `isDash`: prefix assignments are the whole environment in dash, and it starts a simple command
 * with vfork. Other shells export variables of their own, so they start `env -i`.
 */
export function scriptOf(job: ShellJob, isDash: boolean, manners = groupManners): string {
  const { argv, env, directory } = job;
  const isPlain = isDash && Object.keys(env).every((name) => identifier.test(name));
  const pairs = pairsOf(env, isPlain ? (name) => name : quote);
  const words = [...(isPlain ? [] : ["/usr/bin/env", "-i"]), ...pairs, ...argv.map(quote)];
  // `cd` exports both in dash.
  const command = `unset PWD OLDPWD;${words.join(" ")} ${streamsOf(job, manners)}`;
  return `cd ${quote(directory)} && { ${command}${endingOf(job, manners)}`;
}

function pairsOf(env: ShellJob["env"], nameOf: (name: string) => string): readonly string[] {
  const names = Object.keys(env).sort();
  return names.map((name) => `${nameOf(name)}=${quote(env[name]!)}`);
}

function streamsOf({ stdoutFile, stderrFile }: ShellJob, { own }: ShellManners): string {
  const closed = own.map((descriptor) => `${descriptor}>&-`);
  return `</dev/null >${quote(stdoutFile)} 2>${quote(stderrFile)} ${closed.join(" ")}`;
}

/** The shell looks at the files, as it has nothing else to do: most programs print nothing. */
function endingOf({ stdoutFile, stderrFile }: ShellJob, { cleaning }: ShellManners): string {
  const isPrinted = `[ -s ${quote(stdoutFile)} ]||[ -s ${quote(stderrFile)} ]`;
  return `; };s=$?;${cleaning};${isPrinted}||s="$s silent";echo $s >&3\n`;
}

/**
 * The same for a job that is `sh -c` with a line that needs no shell, in which dash runs what the
 * line says itself; undefined when there is no such thing. `isShell`: whether a program is dash.
 */
export function shortScriptOf(
  job: ShellJob,
  isShell: (program: string) => boolean,
  manners = groupManners,
): string | undefined {
  const { argv, env, directory } = job;
  const [program, option = "", script = ""] = argv;
  if (argv.length !== 3 || !/^-e?c$/.test(option) || !isShell(program)) return undefined;
  if (!Object.keys(env).every((name) => identifier.test(name))) return undefined;
  const command = simpleCommandOf(script, env);
  if (command === undefined) return undefined;
  // A shell tells the program where it is, as it sees it itself.
  const line = simpleLineOf(job, command, manners);
  return `cd -P ${quote(directory)} && { unset OLDPWD;${line}${endingOf(job, manners)}`;
}

function simpleLineOf(
  job: ShellJob,
  { words, stdin, stdout }: SimpleCommand,
  manners: ShellManners,
): string {
  const pairs = pairsOf(job.env, (name) => name);
  const streams = [
    streamsOf(job, manners),
    ...(stdin === undefined ? [] : [`<${quote(stdin)}`]),
    ...(stdout === undefined ? [] : [`>${quote(stdout)}`]),
  ];
  return [...pairs, ...words.map(quote), ...streams].join(" ");
}

/** Why `job` can be no command at all; undefined when it can. */
export function problemOf({ argv, env, directory }: ShellJob): string | undefined {
  const words = [...argv, directory, ...Object.keys(env), ...Object.values(env)];
  if (words.some((word) => word.includes("\0"))) return "an argument or variable holds a NUL byte";
  const name = Object.keys(env).find((one) => one === "" || one.includes("="));
  return name === undefined ? undefined : `${JSON.stringify(name)} cannot be a variable's name`;
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
