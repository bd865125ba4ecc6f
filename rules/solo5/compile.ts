// C files → objects for Solo5, each by an action of its own. Knows no ABI.

import type { Action, ExecPath, RuleContext, WithoutOwner } from "../../src/index.ts";
import { compilerOf } from "./toolchain.ts";

/** What to compile, and how. */
export interface CompileRequest {
  /** As Unikraft names it. */
  readonly architecture: string;
  /** C files, assembly with macros (`.S`), and anything that these include. */
  readonly sources: readonly ExecPath[];
  /** Directories to look for headers in, in order. */
  readonly includes: readonly ExecPath[];
  readonly cflags: readonly string[];
}

/** What `compile` may ask of the rule's context. */
type Context = Pick<RuleContext<unknown>, "action" | "output" | "source">;

/** Adds the actions; gives the objects, and what of the sources is one already. */
export function compile(request: CompileRequest, context: Context): readonly ExecPath[] {
  const trees = [context.source("."), ...request.includes];
  const read = [...trees, ...request.sources].filter((path) => !isWithin(path, trees));
  const inputs = [...new Set(read)];
  return request.sources.flatMap((source) => {
    if (/\.[oa]$/.test(source)) return [source];
    if (!isCompiled(source)) return [];
    const object = context.output(`${nameOf(source)}.o`);
    context.action(compileAction(request, { source, object, inputs }));
    return [object];
  });
}

/** Whether `path` is a file that gives an object. */
export function isCompiled(path: ExecPath): boolean {
  return /\.[cS]$/.test(path);
}

interface Unit {
  readonly source: ExecPath;
  readonly object: ExecPath;
  readonly inputs: readonly ExecPath[];
}

function compileAction(
  { architecture, includes, cflags }: CompileRequest,
  { source, object, inputs }: Unit,
): WithoutOwner<Action> {
  const compiler = compilerOf(architecture);
  const isAssembly = source.endsWith(".S");
  const text = object.replace(/o$/, isAssembly ? "s" : "i");
  const depfile = object.replace(/o$/, "d");
  const { all, second } = splitFlags(cflags);
  const search = includes.flatMap((path) => ["-I", path]);
  return {
    kind: "compile",
    mnemonic: "CC",
    subject: source,
    preprocess: [
      compiler,
      "-E",
      ...all,
      ...search,
      source,
      "-fno-working-directory",
      "-MD",
      "-MF",
      depfile,
      "-o",
      text,
    ],
    compile: [
      "sh",
      "-ec",
      inSteadyDirectory,
      "compile",
      text,
      compiler,
      "-c",
      ...second,
      "-o",
      object,
      "-x",
      isAssembly ? "assembler" : "cpp-output",
    ],
    text,
    depfile,
    searchPath: includes,
    env: {},
    inputs,
    outputs: [object],
    tools: [compiler],
  };
}

/** Debug information says where the compiler ran, which is not the same on every machine. */
const inSteadyDirectory = `f="$1"; shift; exec "$@" "-fdebug-prefix-map=$PWD=/kraft" "$f"`;

/** `flags` for preprocessing, and those of them that count for what comes of its text. */
function splitFlags(flags: readonly string[]): Record<"all" | "second", readonly string[]> {
  const isValue = (i: number): boolean => /^-(?:D|U|I|include|isystem)$/.test(flags[i - 1] ?? "");
  const second = flags.filter(
    (flag, i) => !/^-(?:D|U|I|include|isystem)/.test(flag) && !isValue(i),
  );
  return { all: flags, second };
}

/** Paths of sources are told apart by all that is in them. */
function nameOf(source: ExecPath): string {
  return `objects/${source.replace(/^\.kraft\/out\//, "").replace(/\.[cS]$/, "")}`;
}

function isWithin(path: ExecPath, trees: readonly ExecPath[]): boolean {
  return trees.some((tree) => path !== tree && (tree === "." || path.startsWith(`${tree}/`)));
}
