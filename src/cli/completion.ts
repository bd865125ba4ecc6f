// What a shell offers behind the words that were typed. Knows no shell.

import { Cli, type CommandClass } from "clipanion";

import { completionScripts } from "./completion-scripts.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { labelsHere } from "./names-here.ts";
import { optionNamesOf } from "./option-names.ts";
import { type ValueSource, valueSourcesOf } from "./option-values.ts";

/** Every command by its word. */
export type CommandTable = ReadonlyMap<string, () => Promise<CommandClass<KraftContext>>>;

/** `completion SHELL` prints a script; `completion words -- WORD…`, what the last word may become. */
export async function printCompletion(
  topic: string | undefined,
  commands: CommandTable,
  context: KraftContext,
): Promise<number> {
  const script = completionScripts.get(topic ?? "");
  if (topic !== "words" && script === undefined) {
    context.stderr.write("error: kraft-graph completion bash, zsh or fish prints a script\n");
    return exitCodes.refused;
  }
  const lines = script ?? (await candidates(context.afterDashes, commands, context));
  context.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return exitCodes.ok;
}

async function candidates(
  words: readonly string[],
  commands: CommandTable,
  context: KraftContext,
): Promise<readonly string[]> {
  // Some shells hand over the quote that the word was begun with.
  const current = (words.at(-1) ?? "").replace(/^["']/, "");
  const two = words.length > 2 ? commands.get(words.slice(0, 2).join(" ")) : undefined;
  const load = two ?? (words.length > 1 ? commands.get(words[0] ?? "") : undefined);
  const offered = (all: readonly string[]) => all.filter((one) => one.startsWith(current)).sort();
  const [first = ""] = words;
  const named = [...commands.keys()].filter((name) => !name.includes(" "));
  if (words.length < 2) return offered([...named, "completion", "help"]);
  if (first === "help" && words.length === 2) return offered(named);
  if (first === "completion" && words.length === 2) return offered([...completionScripts.keys()]);
  if (load === undefined) return [];
  const command = await load();
  const sources = valueSourcesOf(command);
  const source = sources.get(words.at(-2) ?? "");
  if (source !== undefined) return offered(await valuesFor("", current, source, context));
  const [, name = "", value] = /^(--[\w-]+)=(.*)$/.exec(current) ?? [];
  if (value !== undefined)
    return offered(await valuesFor(`${name}=`, value, sources.get(name), context));
  const cli = new Cli<KraftContext>();
  cli.register(command);
  const options = optionNamesOf(cli);
  // Anything, for which shells have names of files.
  if (options.withValue.has(words.at(-2) ?? "")) return [];
  if (current.startsWith("-")) return offered([...options.all, "--help"]);
  const ofCommand = words.length > 2 ? [] : await secondWords(first, commands);
  const takesTargets = ofCommand.length === 0 || first === "pkg";
  const known = takesTargets ? await labelsHere(context) : [];
  if (first === "query") return offered(await queries(current, known));
  const below = /^(\/\/.*?)\.\.\.:/.exec(current);
  return offered([...ofCommand, ...(below === null ? known : namedBelow(below[1] ?? "", known))]);
}

/** What `start`, and behind it a value that begins as `typed`, can become. */
async function valuesFor(
  start: string,
  typed: string,
  source: ValueSource | undefined,
  context: KraftContext,
): Promise<readonly string[]> {
  // What a value is for can stand before it, as in `--strategy CC=remote`.
  const about = typed.slice(0, typed.lastIndexOf("=") + 1);
  return ((await source?.(context)) ?? []).map((one) => `${start}${about}${one}`);
}

async function queries(typed: string, labels: readonly string[]): Promise<readonly string[]> {
  const { completedQueries } = await import("./query-words.ts");
  return completedQueries(typed, labels);
}

/** What `...:` behind `start` can go on with, from the names in `known`. */
function namedBelow(start: string, known: readonly string[]): readonly string[] {
  const inside = start === "//" ? known : known.filter((one) => isBelow(one, start.slice(0, -1)));
  return [...new Set(inside.map((one) => `${start}...${one.slice(one.indexOf(":"))}`))];
}

function isBelow(label: string, packageLabel: string): boolean {
  return label.startsWith(`${packageLabel}:`) || label.startsWith(`${packageLabel}/`);
}

/** What can stand behind `first` and is no target: the second word of commands, verbs, topics. */
async function secondWords(first: string, commands: CommandTable): Promise<readonly string[]> {
  const pairs = [...commands.keys()].filter((name) => name.startsWith(`${first} `));
  const own = await ownWords.get(first)?.();
  return [...pairs.map((name) => name.slice(first.length + 1)), ...(own ?? [])];
}

const ownWords: ReadonlyMap<string, () => Promise<readonly string[]>> = new Map([
  ["cache", async () => (await import("./cache-command.ts")).cacheActions],
  ["info", async () => (await import("./info-command.ts")).topics],
  ["pkg", async () => (await import("./pkg-verbs.ts")).pkgVerbs],
  ["rootfs", async () => (await import("./rootfs-command.ts")).rootfsTopics],
]);
