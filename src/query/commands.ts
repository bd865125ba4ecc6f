// Actions as the commands that they run.

import type { Action, CompileAction, ExecPath } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import { quoteWord } from "../base/shell-word.ts";
import type { QueryAction, QueryGraph, QueryNode } from "./query-graph.ts";

/** The forms in which actions can be printed; of a target, those that it comes to. */
export const actionOutputs = ["commands", "compile_commands.json", "html"] as const;

/** See {@link actionOutputs}. */
export type ActionOutput = (typeof actionOutputs)[number];

/** Whether `output` is a form that prints actions, which takes knowing them. */
export function isActionOutput(output: string): output is ActionOutput {
  return actionOutputs.some((one) => one === output);
}

/** The actions among `nodes`, and those of the targets among them, each once. */
export function actionsAmong(nodes: readonly QueryNode[], graph: QueryGraph): QueryAction[] {
  const names = new Set(nodes.flatMap((node) => [node, ...ownActionsOf(node, graph)]));
  return [...names].flatMap((name) => graph.actionOf?.(name) ?? []);
}

function ownActionsOf(node: QueryNode, graph: QueryGraph): readonly QueryNode[] {
  if (graph.actionOf?.(node) !== undefined) return [];
  return graph.depsOf(node).filter((one) => graph.actionOf?.(one) !== undefined);
}

/** A line of shell for each of `actions` that runs a program, to be run in its input root. */
export function formatCommands(actions: readonly QueryAction[]): string {
  return actions
    .flatMap(({ action }) => commandOf(action) ?? [])
    .map((command) => `${command}\n`)
    .join("");
}

/** What `action` runs, as a line of shell for its input root; undefined when it runs no program. */
export function commandOf(action: Action): string | undefined {
  if (action.kind !== "command" && action.kind !== "compile") return undefined;
  const env = Object.entries(action.env).map(([name, value]) => `${name}=${quoteWord(value)}`);
  const steps = action.kind === "command" ? [action.argv] : [action.preprocess, action.compile];
  return steps
    .flatMap((argv) => (argv === undefined ? [] : [[...env, ...argv.map(quoteWord)].join(" ")]))
    .join(" && ");
}

/** Where the files of the graph are on this machine. */
export interface FilePlaces {
  /** Absolute. */
  readonly root: string;
  /** The file or directory behind a path of the graph; absolute, or relative to `root`. */
  readonly fileAt: (path: ExecPath) => string;
}

/**
 * How each source is compiled, for editors: a JSON compilation database, in which every path is
 * one of this machine. Source: Clang, "JSON Compilation Database Format Specification".
 */
export function formatCompileCommands(actions: readonly QueryAction[], places: FilePlaces): string {
  const entries = actions.flatMap(({ action }) =>
    action.kind === "compile" && action.compile !== undefined ? [entryOf(action, places)] : [],
  );
  // Editors read no assembly.
  const read = entries.filter(({ file }) => !/\.(S|s|sx)$/.test(file));
  const lines = read.map((entry) => `  ${JSON.stringify(entry)}`);
  return lines.length === 0 ? "[]\n" : `[\n${lines.join(",\n")}\n]\n`;
}

function entryOf(action: CompileAction, { root, fileAt }: FilePlaces) {
  const { outside } = mountsOf(action);
  const real = (path: string): string => (path.startsWith("/") ? path : fileAt(outside(path)));
  const [output] = action.outputs;
  const words: string[] = [];
  let file = "";
  const [compiler, ...given] = action.preprocess;
  for (let at = 0; at < given.length; at++) {
    const word = given[at] ?? "";
    const joined = /^(-I|-isystem|-iquote|-idirafter)(?=.)(.*)$/s.exec(word);
    if (withOutput.test(word)) at++;
    else if (ownWords.test(word)) continue;
    else if (withPath.test(word)) words.push(word, real(given[++at] ?? ""));
    else if (withValue.test(word)) words.push(word, given[++at] ?? "");
    else if (joined !== null) words.push((joined[1] ?? "") + real(joined[2] ?? ""));
    else if (word.startsWith("-")) words.push(word);
    else words.push((file = real(word)));
  }
  return { directory: root, file, arguments: [compiler, "-c", ...words, "-o", output], output };
}

const withPath = /^-(I|isystem|iquote|idirafter|include|imacros)$/;
const withValue =
  /^(-(D|U|x|target|arch|B|isysroot|imultilib|mllvm|Xassembler)|--param|--sysroot)$/;
/** What only says where preprocessing leaves what. */
const withOutput = /^-(o|MF|MT|MQ)$/;
const ownWords = /^-(E|MD|MMD|fno-working-directory|ffile-prefix-map=.*)$/s;
