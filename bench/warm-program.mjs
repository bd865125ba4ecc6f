// Has programs in memory before they are timed, as machines may take from it what was not used for seconds.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";

/**
 * Reads the program that `argv` names, the libraries that it loads, and when it is a bundle for Node all
 * files of that.
 * @param {readonly [string, ...string[]]} argv
 */
export function warmProgram([program, script]) {
  for (const file of filesOf(program)) readFileSync(file);
  if (script?.endsWith(".js") !== true) return;
  const directory = dirname(script);
  for (const name of readdirSync(directory)) {
    if (/\.c?js$/.test(name)) readFileSync(join(directory, name));
  }
}

/** Reads the compiler, what it runs, and what builds of a core run beside it. */
export function warmToolchain() {
  for (const program of toolchain()) for (const file of filesOf(program)) readFileSync(file);
}

const tools = "make sh bash sed awk gcc g++ ld objcopy strip nm flex bison m4 bc perl python3";

/** @type {readonly string[] | undefined} */
let found;

function toolchain() {
  found ??= [...tools.split(" "), ...partsOf("gcc")];
  return found;
}

function partsOf(compiler) {
  const names = ["cc1", "cc1plus", "lto1", "collect2", "as", "ld"];
  const options = { encoding: "utf8", stdio: "pipe" };
  try {
    return names.map((name) =>
      execFileSync(compiler, [`-print-prog-name=${name}`], options).trim(),
    );
  } catch {
    return []; // There is none: then the row says so.
  }
}

/** @type {Map<string, readonly string[]>} By program. */
const known = new Map();

function filesOf(program) {
  let files = known.get(program);
  if (files === undefined) known.set(program, (files = findFiles(program)));
  return files;
}

function findFiles(program) {
  const path = isAbsolute(program) ? program : inPath(program);
  return path === undefined || !existsSync(path) ? [] : [path, ...librariesOf(path)];
}

function inPath(program) {
  const directories = (process.env.PATH ?? "").split(delimiter);
  return directories.map((one) => join(one, program)).find((path) => existsSync(path));
}

function librariesOf(path) {
  try {
    const lines = execFileSync("ldd", [path], { encoding: "utf8", stdio: "pipe" });
    return [...lines.matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library);
  } catch {
    return []; // A script, or a program that is linked as a whole.
  }
}
