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
  readonly searchPath: readonly string[];
}

/** `line` as a call that compiles or preprocesses one file; undefined for any other. */
export function readCompileCommand(line: string): CompileCommand | undefined {
  const [compiler, ...words] = shellWords(line) ?? [];
  if (compiler === undefined || !isCompiler(compiler)) return undefined;
  const call: Call = {
    object: "",
    sources: [],
    both: [],
    first: [],
    second: [],
    searchPath: [],
    mode: "link",
  };
  for (let at = 0; at < words.length; at++) at += take(call, words[at] ?? "", words[at + 1] ?? "");
  const [source, ...others] = call.sources;
  if (call.mode === "link" || source === undefined || others.length > 0 || call.object === "") {
    return undefined;
  }
  const { object, both, first, second, searchPath } = call;
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
  readonly searchPath: string[];
}

/** Takes `word` in; gives how many further words belong to it. */
function take(call: Call, word: string, next: string): 0 | 1 {
  if (word === "-c") call.mode = "compile";
  else if (word === "-E") call.mode = "preprocess";
  else if (word === "-o") call.object = next;
  else if (word === "-x") call.language = next;
  else if (/^-(MF|MT|MQ)$/.test(word)) return 1;
  else if (/^(-M|-Wp,-M)/.test(word))
    return 0; // Our own depfile takes its place.
  else if (/^-(I|isystem|iquote|idirafter)$/.test(word)) {
    call.first.push(word, next);
    call.searchPath.push(next);
  } else if (/^-(D|U|include|imacros)$/.test(word)) call.first.push(word, next);
  else if (word.startsWith("-I")) {
    call.first.push(word);
    call.searchPath.push(word.slice(2));
  } else if (/^-[DU]|^-(nostdinc|P$|C$|CC$|undef)/.test(word)) call.first.push(word);
  else if (/^-(Wa,|S$|pipe$|save-temps)/.test(word)) call.second.push(word);
  // Macros as debug information would make each object depend on every option.
  else if (/^-g(gdb|dwarf)?3$/.test(word)) call.both.push(word.replace("3", ""));
  else if (word.startsWith("-")) call.both.push(word);
  else call.sources.push(word);
  return /^-(o|x|I|isystem|iquote|idirafter|D|U|include|imacros)$/.test(word) ? 1 : 0;
}

function withLanguage({ language }: Call, args: readonly string[]): string[] {
  return language === undefined ? [...args] : ["-x", language, ...args];
}

function isCompiler(program: string): boolean {
  return /^(.*\/)?([\w.]+-)*(gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(-\d+)?$/.test(program);
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
