// One instruction → what it changes: the stage's state, its files, or both.

import { posix } from "node:path";

import type { Report } from "../diagnostic/diagnostic.ts";
import { expandText, expandWord, ExpansionError } from "./expand.ts";
import type { FileInstruction, Instruction, Pair } from "./instruction.ts";
import { planRun } from "./plan-run.ts";
import { portsOf } from "./ports.ts";
import { type Resolved, treeNamed } from "./resolve.ts";
import type { StageState } from "./stage-state.ts";
import type { Heredoc } from "./statement.ts";
import type { FileSource, Step } from "./step.ts";

/** A stage that is gone through. */
export interface StageContext {
  readonly resolved: Resolved;
  readonly number: number;
  readonly state: StageState;
  /** Arguments that a stage has for the asking. */
  readonly predefined: Readonly<Record<string, string>>;
  readonly report: Report;
  readonly add: (step: Step) => void;
}

/** Takes in `instruction`; mistakes are reported. */
export function planInstruction(instruction: Instruction, context: StageContext): void {
  try {
    plan(instruction, context);
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw error;
    const { at } = instruction;
    context.report({ severity: "error", code: "bad-dockerfile", message: error.message, at });
  }
}

function plan(instruction: Instruction, context: StageContext): void {
  const { state } = context;
  const expand = (word: string) => expandWord(word, state.lookup, instruction.escape);
  switch (instruction.kind) {
    case "arg":
      for (const pair of instruction.pairs) declare(pair, expand, context);
      return;
    case "env":
      // All at once: a variable does not see what the same instruction sets.
      return state.setVariables(expandedPairs(instruction.pairs, expand));
    case "label": {
      const pairs = expandedPairs(instruction.pairs, expand);
      const labels = Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
      return state.update({ labels: { ...state.config.labels, ...labels } });
    }
    case "workdir": {
      const path = posix.resolve(state.directory, expand(instruction.word));
      state.update({ workingDirectory: path });
      const owner = state.config.user;
      if (path !== "/") context.add({ kind: "directory", path, owner, text: instruction.text });
      return;
    }
    case "copy":
    case "add":
      return context.add({ ...filesOf(instruction, context), text: instruction.text });
    case "run":
      return planRun(instruction, context);
    default:
      return configure(instruction, { state, expand });
  }
}

type Configuring = Exclude<
  Instruction,
  { readonly kind: "arg" | "env" | "label" | "workdir" | "copy" | "add" | "run" }
>;

/** What changes the config and nothing else. */
function configure(
  instruction: Configuring,
  { state, expand }: { readonly state: StageState; readonly expand: (word: string) => string },
): void {
  const { config } = state;
  switch (instruction.kind) {
    case "user":
      return state.update({ user: expand(instruction.word) });
    case "stopsignal":
      return state.update({ stopSignal: expand(instruction.word) });
    case "expose": {
      const ports = instruction.words.flatMap((word) => portsOf(expand(word)));
      return state.update({ exposed: [...new Set([...config.exposed, ...ports])].sort() });
    }
    case "volume": {
      const volumes = instruction.words.map(expand);
      return state.update({ volumes: [...new Set([...config.volumes, ...volumes])] });
    }
    case "cmd":
      return state.setCmd(argvOf(instruction.command, state.shell));
    case "entrypoint":
      return state.setEntrypoint(argvOf(instruction.command, state.shell));
    case "shell":
      return state.update({ shell: instruction.argv });
    case "healthcheck":
      return state.update({ healthcheck: instruction.check });
    case "onbuild":
      return state.update({ triggers: [...config.triggers, instruction.trigger] });
    case "maintainer":
      return state.update({ author: instruction.name });
  }
}

function declare(
  { name, value }: Pair,
  expand: (word: string) => string,
  { resolved, state, predefined }: StageContext,
): void {
  const given = resolved.choice.buildArgs[name];
  const fallback = value === undefined ? undefined : expand(value);
  const meant = given ?? fallback ?? resolved.globals.get(name) ?? predefined[name];
  if (meant !== undefined) state.setArgument(name, meant);
}

function expandedPairs(pairs: readonly Pair[], expand: (word: string) => string): Required<Pair>[] {
  return pairs.map(({ name, value = "" }) => ({ name: expand(name), value: expand(value) }));
}

function argvOf(
  command:
    | { readonly kind: "shell"; readonly text: string }
    | { readonly kind: "exec"; readonly argv: readonly string[] },
  shell: readonly string[],
): readonly string[] {
  return command.kind === "exec" ? command.argv : [...shell, command.text];
}

function filesOf(
  instruction: FileInstruction,
  context: StageContext,
): Omit<Step & { kind: "files" }, "text"> {
  const { state } = context;
  const { escape, kind, chown, chmod } = instruction;
  const expand = (word: string): string => expandWord(word, state.lookup, escape);
  const written = instruction.sources.map((source) =>
    sourceOf(expand(source), instruction, context),
  );
  const texts = instruction.heredocs.map((heredoc): FileSource => {
    const { name } = heredoc;
    const text = textOf(heredoc, (content) => expandText(content, state.lookup, escape));
    return { kind: "text", name, text };
  });
  return {
    kind: "files",
    unpacks: instruction.unpacks ?? kind === "add",
    sources: [...written, ...texts],
    destination: destinationOf(state.directory, expand(instruction.destination)),
    excluded: instruction.excluded.map(expand),
    keepsParents: instruction.keepsParents,
    isLinked: instruction.isLinked,
    ...(chown !== undefined && { chown: expand(chown) }),
    ...(chmod !== undefined && { chmod: expand(chmod) }),
  };
}

/** Absolute, with the slash at its end that says that it is a directory. */
function destinationOf(directory: string, word: string): string {
  const path = posix.join("/", posix.isAbsolute(word) ? "" : directory, word);
  const isDirectory = /(?:^|\/)\.{0,2}$/.test(word);
  return isDirectory && !path.endsWith("/") ? `${path}/` : path;
}

function sourceOf(path: string, instruction: FileInstruction, context: StageContext): FileSource {
  const { from, kind, checksum, keepsGitDirectory, keepsParents } = instruction;
  if (from !== undefined) {
    const { stages } = context.resolved.dockerfile;
    return { kind: "tree", tree: treeNamed(from, stages, context.number), path };
  }
  if (kind === "add" && /^(?:git@|git:\/\/|ssh:\/\/|https?:\/\/[^#]*\.git(?:#|$))/.test(path)) {
    if (keepsGitDirectory) warnOfGitDirectory(instruction, context);
    return { kind: "git", url: path, keepsGitDirectory };
  }
  if (kind === "add" && /^https?:\/\//.test(path)) {
    return { kind: "url", url: path, ...(checksum !== undefined && { checksum }) };
  }
  if (/^https?:\/\//.test(path)) throw new ExpansionError("COPY takes no address; ADD does");
  return { kind: "context", path, ...(keepsParents && { keepsParents }) };
}

/** What a here-document gives as a file. */
export function textOf(heredoc: Heredoc, expand: (content: string) => string): string {
  const { content, isChomped, isExpanded } = heredoc;
  const chomped = isChomped ? content.replaceAll(/^\t+/gm, "") : content;
  return isExpanded ? expand(chomped) : chomped;
}

function warnOfGitDirectory({ at }: FileInstruction, { report }: StageContext): void {
  const message = "--keep-git-dir is without effect: what is added has no .git";
  const help = "no two clones have the same bytes; hand over what is needed of it by --build-arg";
  report({ severity: "warning", code: "bad-dockerfile", message, at, help });
}
