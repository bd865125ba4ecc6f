// Machines that a rule set says itself how to boot: by a program of its own, or as a process.

import type { MachineSpec, MonitorSpec } from "../rule/rule.ts";
import { findProgram } from "../sandbox/program-file.ts";
import { environmentOf } from "./environment.ts";
import type { RunOptions } from "./machine.ts";
import type { Monitor } from "./monitor.ts";
import type { MachineOutcome } from "./outcome.ts";
import { mebibytesOf } from "./size.ts";

type NoMonitor = Extract<MachineOutcome, { kind: "refused" | "missing-program" }>;

/** Unless the user says how much. */
const defaultMemoryBytes = 256 * 2 ** 20;

/** The monitor that `spec` names itself, or why there is none. */
export function ownMonitorOf(
  spec: MachineSpec,
  monitor: MonitorSpec,
  options: RunOptions,
): Monitor | NoMonitor {
  const reasons = wordProblems(options);
  if (reasons.length > 0) return { kind: "refused", reasons };
  const { host, locate, memoryBytes = defaultMemoryBytes } = options;
  const { program: name } = monitor;
  const kernel = locate(spec.kernel);
  const program =
    name === undefined ? kernel : findProgram(name, host.env["PATH"] ?? "", host.workingDirectory);
  if (program === undefined) {
    const { help = `put the program ${name} on your PATH` } = monitor;
    return { kind: "missing-program", message: `${name} is not installed`, help };
  }
  const initrd = spec.initrd === undefined ? "" : locate(spec.initrd);
  const values = { kernel, initrd, memoryMiB: String(mebibytesOf(memoryBytes)) };
  const argv = [program, ...wordsOf(monitor.args, values, spec.args)] as const;
  const acceleration = { kind: "process" } as const;
  return {
    kind: "monitor",
    program: name ?? spec.name,
    // A process has its say on both streams, where a machine has one console.
    argv: name === undefined ? ["/bin/sh", "-c", 'exec "$0" "$@" 2>&1', ...argv] : argv,
    control: "none",
    givesGuestStatus: true,
    env: variablesOf(environmentOf([...spec.env, ...(options.env ?? [])], host.env)),
    links: {},
    files: {},
    start: { argv, acceleration, memoryBytes, commandLine: spec.args.join(" ") },
  };
}

/** `words` with `values` for their names in braces; the word `{args}` stands for all of `args`. */
function wordsOf(
  words: readonly string[],
  values: Readonly<Record<string, string>>,
  args: readonly string[],
): string[] {
  const filled = (word: string): string =>
    word.replaceAll(/\{(\w+)\}/g, (text, name: string) => values[name] ?? text);
  return words.flatMap((word) => (word === "{args}" ? args : [filled(word)]));
}

function variablesOf(env: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    env.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]),
  );
}

/** What the engine's own machines can be asked for, and a stranger's cannot. */
function wordProblems({ ports = [], kernelArgs = [], devices }: RunOptions): string[] {
  const named = Object.keys({ ...devices?.block, ...devices?.net });
  return [
    ...(ports.length > 0 ? ["ports cannot be forwarded to machines of this kind"] : []),
    ...(kernelArgs.length > 0 ? ["machines of this kind have no parameters of libraries"] : []),
    ...(named.length > 0 ? ["machines of this kind have no names for devices"] : []),
  ];
}
