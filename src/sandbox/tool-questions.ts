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

/** Asks programs for their versions: those that somebody wants to know at once, by one shell. */
export class VersionQuestions {
  readonly #path: string;
  #asked: Asked[] = [];

  /** PATH of the programs. */
  constructor(path: string) {
    this.#path = path;
  }

  /** As the function `versionOf`. */
  versionOf(program: string): Promise<string> {
    const [[first] = []] = questionsFor(basename(program));
    if (first !== "--version") return versionOf(program, this.#path);
    return new Promise((resolve, reject) => {
      if (this.#asked.push({ program, resolve, reject }) > 1) return;
      queueMicrotask(() => void this.#askAll());
    });
  }

  async #askAll(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    const questions = asked.map(({ program }) => [program, "--version"] as const);
    const together = asked.length === 1 ? undefined : firstLinesOf(questions, this.#path);
    const lines = (await together?.catch(() => undefined)) ?? [];
    for (const [at, { program, resolve, reject }] of asked.entries()) {
      const line = lines[at] ?? "";
      // What says nothing so is asked in all the ways that there are.
      if (line !== "") resolve(line);
      else versionOf(program, this.#path).then(resolve, reject);
    }
  }
}

interface Asked {
  readonly program: string;
  readonly resolve: (version: string) => void;
  readonly reject: (cause: unknown) => void;
}

/** What a compiler tells besides its version. */
interface CompilerFacts {
  /** What it compiles for; empty when it does not tell. */
  readonly machine: string;
  /**
   * The programs that it runs, by name: an absolute path, or a name that it looks up in PATH. Clang
   * does most itself, and then tells the name of something that is not there.
   */
  readonly parts: Readonly<Record<string, string>>;
}

/** What the compiler `program` tells; it has no parts, and no machine, when it tells of none. */
export async function compilerFactsOf(program: string, path: string): Promise<CompilerFacts> {
  const names = ["cc1", "cc1plus", "lto1", "collect2", "as", "ld"];
  const questions = ["-dumpmachine", ...names.map((name) => `-print-prog-name=${name}`)];
  const asked = questions.map((question) => [program, question] as const);
  const lines = await firstLinesOf(asked, path);
  // One that did not answer may have been killed along with another.
  const answers = asked.map(async ([, question], at) => {
    if (lines[at] !== undefined) return lines[at];
    const result = await ask(program, [question], path);
    return result.kind === "failed" ? "" : firstLine(result.stdout);
  });
  const [machine = "", ...told] = await Promise.all(answers);
  const parts = names.map((name, at) => [name, told[at] ?? ""] as const);
  return { machine, parts: Object.fromEntries(parts.filter(([, one]) => one !== "")) };
}

/**
 * The first line that each of `questions`, a program and a word, is answered with on its standard
 * output; undefined for those that fail, and for all when one of them takes long. By one shell, as it
 * takes the engine longer to start a program than that to answer.
 */
async function firstLinesOf(
  questions: readonly (readonly [program: string, word: string])[],
  path: string,
): Promise<readonly (string | undefined)[]> {
  const options = { env: envOf(path), timeoutMs: togetherMs, outputLimit, endsAll: true };
  const result = await runBounded(["/bin/sh", "-c", askEach, "sh", ...questions.flat()], options);
  if (result.kind === "failed") return [];
  // Behind the limit nobody knows what is missing; so it is when it was only just reached.
  if (result.stdout.length >= outputLimit) return [];
  const answers = result.stdout.split("\0").slice(0, -1);
  return answers.map((text) => (text.startsWith("0 ") ? firstLine(text.slice(2)) : undefined));
}

/** For a shell: how each pair of a program and a word ended, what it printed, and a zero byte. */
const askEach = `while [ $# -gt 0 ]; do
told=$("$1" "$2" 2>/dev/null </dev/null); printf '%s %s\\0' "$?" "$told"; shift 2; done`;

/** How long all answers together may take, in milliseconds: some have hung, and others wait. */
const togetherMs = 2_000;

/** Of them together, in characters. */
const outputLimit = 1024 * 1024;

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
  return runBounded([program, ...args], { env: envOf(path), timeoutMs });
}

function envOf(path: string): Readonly<Record<string, string>> {
  return { PATH: path, LC_ALL: "C", LANG: "C", TZ: "UTC", HOME: "/nonexistent" };
}

/** As many characters of a line count, so that it is the same whoever is asked along. */
const longestLine = 1000;

function firstLine(text: string): string {
  return text.trimStart().split("\n")[0]?.slice(0, longestLine).trimEnd() ?? "";
}
