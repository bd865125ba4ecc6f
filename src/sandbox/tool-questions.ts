// What programs tell about themselves. Remembers nothing.

import { basename } from "node:path";

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
  for (const name of ["cc1", "cc1plus", "lto1", "collect2", "as", "ld"]) {
    const result = await ask(program, [`-print-prog-name=${name}`], path);
    const told = result.kind === "failed" ? "" : firstLine(result.stdout);
    if (told !== "") parts[name] = told;
  }
  return parts;
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
