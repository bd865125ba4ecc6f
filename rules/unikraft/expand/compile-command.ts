// A compiler's command line, taken apart into preprocessing and compiling.

import { shellWords } from "./shell-words.ts";

/** One call of a compiler, in two. Paths are as in the call. */
export interface CompileCommand {
  readonly compiler: string;
  readonly source: string;
  readonly object: string;
  /** Arguments of the first step but for its output; the source is among them. */
  readonly preprocess: readonly string[];
  /** Arguments of the second but for its input and output; absent: preprocessing is all. */
  readonly compile?: readonly string[];
  /** In the order in which compilers look there, which is not that of the call. */
  readonly searchPath: readonly string[];
}

/**
 * The option in `line` for which no call of a compiler can be taken apart, as it makes the compiler
 * read or write files that nobody is told of; undefined when there is none.
 */
export function opaqueOptionIn(line: string): string | undefined {
  const [compiler, ...words] = shellWords(line) ?? [];
  if (compiler === undefined || !isCompiler(compiler)) return undefined;
  return words.some((word) => /^-[cE]$/.test(word))
    ? words.find((word) => opaqueOptions.test(word))
    : undefined;
}

/**
 * Profiles, modules, plug-ins, second outputs, arguments from files, and what puts macros that are
 * not used into the preprocessed text. Source: GCC, Option Summary; Clang command line reference.
 */
const opaqueOptions =
  /^(?:@|-d[A-Z]|-fdirectives-only|-f(?:auto-)?profile|-fbranch-prob|--?coverage$|-ftest-coverage|-fmodule|-fplugin|-fpch|-include-pch|-fdump-|-fstack-usage|-fcallgraph-info|-fsave-optim|-gsplit-dwarf|--?specs=|-wrapper|-I-$|-iprefix|-iwithprefix|-MJ|-fsanitize-(?:black|ignore)list|-X(?:clang|preprocessor)$|-Wp,(?!-(?:M|D|U)))/;

/** `line` as a call that compiles or preprocesses one file; undefined for any other. */
export function readCompileCommand(line: string): CompileCommand | undefined {
  const [compiler, ...words] = shellWords(line) ?? [];
  if (compiler === undefined || !isCompiler(compiler) || opaqueOptionIn(line)) return undefined;
  const call: Call = {
    object: "",
    sources: [],
    both: [],
    first: [],
    second: [],
    searchPath: [],
    mode: "link",
  };
  const apart = words.flatMap(withValueApart);
  for (let at = 0; at < apart.length; at++) at += take(call, apart[at] ?? "", apart[at + 1] ?? "");
  const [source, ...others] = call.sources;
  if (call.mode === "link" || source === undefined || others.length > 0 || call.object === "") {
    return undefined;
  }
  const { object, both, first, second } = call;
  const searchPath = searchPathOf(call);
  const language = call.language ?? languageOf(source);
  const preprocess = [...both, ...first, source];
  if (call.mode === "preprocess") {
    return { compiler, source, object, preprocess: withLanguage(call, preprocess), searchPath };
  }
  const preprocessed = preprocessedLanguages.get(language);
  if (preprocessed === undefined) return undefined;
  const compile = [...both, ...second, "-x", preprocessed];
  return {
    compiler,
    source,
    object,
    preprocess: withLanguage(call, preprocess),
    compile,
    searchPath,
  };
}

interface Call {
  mode: "link" | "compile" | "preprocess";
  object: string;
  language?: string;
  readonly sources: string[];
  readonly both: string[];
  /** Only for preprocessing. */
  readonly first: string[];
  /** Only for compiling. */
  readonly second: string[];
  /** With the option that says so. */
  readonly searchPath: { readonly option: string; readonly path: string }[];
}

/** Compilers take the value of these in the same word, too. */
function withValueApart(word: string): string[] {
  const match = /^-(I|isystem|iquote|idirafter|include|imacros)(.+)$/.exec(word);
  return match === null ? [word] : [`-${match[1]}`, match[2] ?? ""];
}

/** Source: GCC, Directory Options. */
const searchOrder = ["-iquote", "-I", "-isystem", "-idirafter"];

function searchPathOf({ searchPath }: Call): string[] {
  return searchOrder.flatMap((option) =>
    searchPath.filter((one) => one.option === option).map(({ path }) => path),
  );
}

/** Takes `word` in; gives how many further words belong to it. */
function take(call: Call, word: string, next: string): 0 | 1 {
  if (word === "-c") call.mode = "compile";
  else if (word === "-E") call.mode = "preprocess";
  else if (word === "-o") call.object = next;
  else if (word === "-x") call.language = next;
  else if (/^(-M|-Wp,-M)/.test(word))
    return /^-(MF|MT|MQ)$/.test(word) ? 1 : 0; // Our own depfile takes its place.
  else if (searchOrder.includes(word)) {
    call.first.push(word, next);
    call.searchPath.push({ option: word, path: next });
  }
  // In one word, as a value must stay as it is whatever it looks like.
  else if (/^-[DU]$/.test(word)) call.first.push(word + next);
  else if (/^-(include|imacros)$/.test(word)) call.first.push(word, next);
  else if (/^-[DU]|^-(nostdinc|P$|C$|CC$|undef)/.test(word)) call.first.push(word);
  else if (/^-(Wa,|S$|pipe$|save-temps)/.test(word)) call.second.push(word);
  // Macros as debug information would make each object depend on every option.
  else if (/^-g(gdb|dwarf)?3$/.test(word)) call.both.push(word.replace("3", ""));
  else if (word === "-Xassembler") call.second.push(word, next);
  else if (optionWithValue.test(word)) call.both.push(word, next);
  else if (word.startsWith("-")) call.both.push(word);
  else call.sources.push(word);
  return wordWithNext.test(word) || optionWithValue.test(word) ? 1 : 0;
}

const wordWithNext = /^-(o|x|I|isystem|iquote|idirafter|D|U|include|imacros|Xassembler)$/;

/** Further options of gcc and clang of which the next word is no source. */
const optionWithValue =
  /^(--param|-target|-arch|-B|--sysroot|-isysroot|-imultilib|-mllvm|-aux-info|-dumpbase|-dumpdir)$/;

function withLanguage({ language }: Call, args: readonly string[]): string[] {
  return language === undefined ? [...args] : ["-x", language, ...args];
}

function isCompiler(program: string): boolean {
  return /^(.*\/)?([\w.]+-)*(gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(-[\d.]+)?$/.test(program);
}

function languageOf(source: string): string {
  if (source.endsWith(".c")) return "c";
  if (/\.(cc|cpp|cxx|C)$/.test(source)) return "c++";
  if (/\.(S|sx)$/.test(source)) return "assembler-with-cpp";
  return "";
}

const preprocessedLanguages = new Map([
  ["c", "cpp-output"],
  ["c++", "c++-cpp-output"],
  ["assembler-with-cpp", "assembler"],
]);
