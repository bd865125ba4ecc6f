// What programs tell about themselves. Remembers nothing.

import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { type BoundedResult, runBounded } from "./bounded-run.ts";

/** How long an answer may take, in milliseconds. */
const timeoutMs = 10_000;

/** Whether a program of this name compiles C or C++ the way that GCC and Clang do. */
export function isCompiler(name: string): boolean {
  return /^(?:.+-)?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d+(?:\.\d+)*)?$/.test(name);
}

/** The first line of what `program` says about its version; empty when it says nothing. */
export async function versionOf(program: string, path: string): Promise<string> {
  for (const args of questionsFor(basename(program))) {
    const result = await ask(program, args, path);
    if (result.kind === "failed") continue;
    const line = firstLine(result.stdout) || firstLine(result.stderr);
    if (line !== "") return line;
  }
  return "";
}

/** What a compiler compiles for; empty when it does not tell. */
export async function machineOf(program: string, path: string): Promise<string> {
  const result = await ask(program, ["-dumpmachine"], path);
  return result.kind === "failed" ? "" : firstLine(result.stdout);
}

/**
 * The programs that a compiler runs, by name: an absolute path, or a name that it looks up in
 * PATH. Clang does most itself, and then tells the name of something that is not there.
 */
export async function partsOf(program: string, path: string): Promise<Record<string, string>> {
  const parts: Record<string, string> = {};
  const names = ["cc1", "cc1plus", "lto1", "collect2", "as", "ld"];
  // By one shell, as it takes the engine longer to start a compiler than that to answer.
  const asked = await ask("/bin/sh", ["-c", askEach, program, ...names], path);
  const answers = asked.kind === "failed" ? [] : asked.stdout.split("\0");
  for (const [at, name] of names.entries()) {
    const told = firstLine(answers[at] ?? "");
    if (told !== "") parts[name] = told;
  }
  return parts;
}

/** For a shell: what the program says of each name, and a zero byte. */
const askEach =
  'for name do told=$("$0" "-print-prog-name=$name") || told=; printf "%s\\0" "$told"; done';

/**
 * Files beside the program `file` that are part of what it makes: a compiler that is a script,
 * `<prefix>/bin/<triple>-cc`, links what is in `<prefix>/lib/<triple>` without a word of it in its
 * command. That is so with Solo5's. Other compilers tell of their programs, and no more.
 */
export function neighboursOf(file: string): Neighbours | undefined {
  const triple = /^(.+)-(?:cc|ld)$/.exec(basename(file))?.[1];
  if (triple === undefined || !isScript(file)) return undefined;
  const directory = join(dirname(file), "../lib", triple);
  const names = namesIn(directory);
  return names.length === 0 ? undefined : { directory, names };
}

/**
 * The list of all packages in the opam switch that `program` is of: such programs load what others
 * have installed there, as ocamlfind and dune do. Undefined when it is of none.
 */
export function switchStateOf(program: string): string | undefined {
  const state = join(dirname(program), "../.opam-switch/switch-state");
  return existsSync(state) ? state : undefined;
}

/** Files of a directory. */
export interface Neighbours {
  /** Absolute. */
  readonly directory: string;
  /** Sorted. */
  readonly names: readonly string[];
}

function isScript(file: string): boolean {
  const start = Buffer.alloc(2);
  try {
    const descriptor = openSync(file, "r");
    try {
      readSync(descriptor, start, 0, 2, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
  return start.toString("latin1") === "#!";
}

function namesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name])).sort();
  } catch {
    return [];
  }
}

/** Shells take `-v` and `--version` for options of a script; Go has a word of its own. */
function questionsFor(name: string): readonly (readonly string[])[] {
  if (/^(?:sh|dash|ash)$/.test(name)) return [];
  if (name === "go") return [["version"]];
  return [["--version"], ["-v"]];
}

function ask(program: string, args: readonly string[], path: string): Promise<BoundedResult> {
  const env = { PATH: path, LC_ALL: "C", LANG: "C", TZ: "UTC", HOME: "/nonexistent" };
  return runBounded([program, ...args], { env, timeoutMs });
}

function firstLine(text: string): string {
  return text.trimStart().split("\n")[0]?.trimEnd() ?? "";
}
