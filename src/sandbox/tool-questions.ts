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
    const lines = asked.length === 1 ? [] : await this.#firstLines(asked);
    for (const [at, { program, resolve, reject }] of asked.entries()) {
      const line = lines[at] ?? "";
      // What says nothing so is asked in all the ways that there are.
      if (line !== "") resolve(line);
      else versionOf(program, this.#path).then(resolve, reject);
    }
  }

  async #firstLines(asked: readonly Asked[]): Promise<readonly string[]> {
    const programs = asked.map(({ program }) => program);
    const result = await ask("/bin/sh", ["-c", askAllForVersions, "sh", ...programs], this.#path);
    // When one of them hangs, nobody can tell which.
    return result.kind === "failed" ? [] : result.stdout.split("\0").map(firstLine);
  }
}

interface Asked {
  readonly program: string;
  readonly resolve: (version: string) => void;
  readonly reject: (cause: unknown) => void;
}

/** For a shell: the first kilobytes of what each program prints when it succeeds, and a zero byte. */
const askAllForVersions =
  'for program do told=$("$program" --version 2>/dev/null) || told=; printf "%.2000s\\0" "$told"; done';

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

export async function compilerFactsOf(program: string, path: string): Promise<CompilerFacts> {
  const parts: Record<string, string> = {};
  const names = ["cc1", "cc1plus", "lto1", "collect2", "as", "ld"];
  const questions = ["-dumpmachine", ...names.map((name) => `-print-prog-name=${name}`)];
  // By one shell, as it takes the engine longer to start a compiler than that to answer.
  const asked = await ask("/bin/sh", ["-c", askEach, program, ...questions], path);
  const [machine = "", ...answers] =
    asked.kind === "failed" ? [] : asked.stdout.split("\0").map(firstLine);
  for (const [at, name] of names.entries()) {
    const told = answers[at] ?? "";
    if (told !== "") parts[name] = told;
  }
  return { machine, parts };
}

/** For a shell: what the program says to each question, and a zero byte. */
const askEach = 'for question do told=$("$0" "$question") || told=; printf "%s\\0" "$told"; done';

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
