// What a shell offers behind the words that were typed. Knows no shell but for their scripts.

import { Cli, type CommandClass } from "clipanion";

import { loadGraph, openRepository } from "../engine/repository.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { optionNamesOf } from "./option-names.ts";
import { repositoryRequest } from "./target-options.ts";

/** Every command by its word. */
export type CommandTable = ReadonlyMap<string, () => Promise<CommandClass<KraftContext>>>;

/** `completion SHELL` prints a script; `completion words -- WORD…`, what the last word may become. */
export async function printCompletion(
  topic: string | undefined,
  commands: CommandTable,
  context: KraftContext,
): Promise<number> {
  const script = scripts.get(topic ?? "");
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
  const current = words.at(-1) ?? "";
  const two = words.length > 2 ? commands.get(words.slice(0, 2).join(" ")) : undefined;
  const load = two ?? (words.length > 1 ? commands.get(words[0] ?? "") : undefined);
  const offered = (all: readonly string[]) => all.filter((one) => one.startsWith(current)).sort();
  const [first = ""] = words;
  const named = [...commands.keys()].filter((name) => !name.includes(" "));
  if (words.length < 2) return offered([...named, "completion", "help"]);
  if (first === "help" && words.length === 2) return offered(named);
  if (first === "completion" && words.length === 2) return offered([...scripts.keys()]);
  if (load === undefined) return [];
  const cli = new Cli<KraftContext>();
  cli.register(await load());
  if (words.at(-2) === "--template") return offered(await templates(context));
  const values = valuesOf.get(words.at(-2) ?? "");
  if (values !== undefined) return offered(values);
  const [, name = "", value] = /^(--[\w-]+)=(.*)$/.exec(current) ?? [];
  if (value !== undefined)
    return offered((valuesOf.get(name) ?? []).map((one) => `${name}=${one}`));
  if (current.startsWith("-")) return offered([...optionNamesOf(cli).all, "--help"]);
  const ofCommand = words.length > 2 ? [] : await secondWords(first, commands);
  const takesTargets = ofCommand.length === 0 || first === "pkg";
  const known = takesTargets ? await labels(context) : [];
  const below = /^(\/\/.*?)\.\.\.:/.exec(current);
  return offered([...ofCommand, ...(below === null ? known : namedBelow(below[1] ?? "", known))]);
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
]);

/** The labels of the workspace, as far as it can be read: whoever completes wants no mistakes. */
async function labels(context: KraftContext): Promise<readonly string[]> {
  const request = repositoryRequest({ context, kraftfile: undefined, configs: [] }, []);
  const repository = await openRepository(request, () => undefined);
  if (repository === undefined) return [];
  const graph = loadGraph(repository, request, () => undefined);
  return [...graph.targets.keys()].filter((label) => label.startsWith("//"));
}

/** What a package can begin with, where the user is. */
async function templates({ host, builtIn }: KraftContext): Promise<readonly string[]> {
  const { packagePlaceOf } = await import("../engine/start-package.ts");
  const place = await packagePlaceOf(host.workingDirectory, { host, builtIn }, () => undefined);
  return place?.templates.map(({ name }) => name) ?? [];
}

const valuesOf: ReadonlyMap<string, readonly string[]> = new Map([
  ["--arch", ["x86_64", "arm64"]],
  ["--color", ["auto", "always", "never"]],
  ["--download", ["all", "minimal", "toplevel"]],
  ["--plat", ["qemu", "fc", "xen"]],
  ["--remote-upload", ["always", "ci", "never"]],
  ["--compress", ["gzip", "none", "zstd"]],
  ["--dockerfile", ["auto", "buildah", "buildkit", "embedded"]],
  ["--sandbox", ["auto", "bwrap", "links", "none"]],
]);

const scripts: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "bash",
    [
      "_kraft_graph() {",
      '  local line="${COMP_LINE:0:COMP_POINT}" words=() head',
      '  read -ra words <<<"$line"',
      '  [[ $line == *[[:space:]] ]] && words+=("")',
      '  mapfile -t COMPREPLY < <(kraft-graph completion words -- "${words[@]:1}" 2>/dev/null)',
      "  # Bash replaces only what follows the last colon or equals sign.",
      '  head="${words[-1]%"${words[-1]##*[:=]}"}"',
      '  COMPREPLY=("${COMPREPLY[@]#"$head"}")',
      "}",
      "complete -o default -F _kraft_graph kraft-graph",
    ],
  ],
  [
    "zsh",
    [
      "#compdef kraft-graph",
      "_kraft_graph() {",
      "  local -a found",
      '  found=(${(f)"$(kraft-graph completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})',
      "  (( $#found )) && compadd -a found || _files",
      "}",
      "compdef _kraft_graph kraft-graph",
    ],
  ],
  [
    "fish",
    [
      "complete -c kraft-graph -a '(kraft-graph completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'",
    ],
  ],
]);
