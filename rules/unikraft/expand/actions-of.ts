// Steps of make → actions. Knows no file but those that make names.

import { posix } from "node:path";

import type { Action, ExecPath, WithoutOwner } from "../../../src/index.ts";
import { isAsCalled } from "../early-options.ts";
import { copyFile } from "../program/copy-file.ts";
import { type CompileCommand, opaqueOptionIn, readCompileCommand } from "./compile-command.ts";
import { fixedRoot, pathsIn, relativeWord, seen } from "./layout.ts";
import type { Step } from "./make-plan.ts";
import { isBelowBuild, isLinking, leavesNothing, opaqueReasonOf } from "./recipe.ts";
import { upstreamOf } from "./upstream.ts";

/** What an image's steps need besides themselves. */
export interface ExpansionRequest {
  /** As in `Action`: where each part of the image is seen. */
  readonly mounts: Readonly<Record<ExecPath, ExecPath>>;
  /** Trees that compilers may read, by where they are seen. */
  readonly sources: readonly ExecPath[];
  /** The same with empty sources, for resolving options. */
  readonly skeletons: Readonly<Record<ExecPath, ExecPath>>;
  readonly without: Readonly<Record<ExecPath, readonly string[]>>;
  readonly tools: readonly string[];
  /** Whether a path that make names is a file or a directory among the sources. */
  readonly isSource: (path: ExecPath) => boolean;
  /** The path of the graph behind a path that actions see. */
  readonly outside: (path: ExecPath) => ExecPath;
  /** Files that some recipe may embed, beside the sources: the root file system. */
  readonly embedded: readonly ExecPath[];
  /** The header of options, as the call below wrote it while make planned. */
  readonly earlyHeader: ExecPath;
  readonly earlyCall: string | undefined;
}

/** The actions, or the step that none can be made of, and why. */
export type Expansion =
  | { readonly kind: "expanded"; readonly actions: readonly WithoutOwner<Action>[] }
  | { readonly kind: "opaque"; readonly step: Step; readonly reason: string };

/** An action for each of `steps`. */
export function actionsOf(steps: readonly Step[], request: ExpansionRequest): Expansion {
  const upstream = upstreamOf(steps, request);
  if (upstream.kind === "opaque") return upstream;
  const merged = mergeObjcopy(upstream.others);
  const made = new Set(merged.map(({ target }) => target));
  const expander = new Expander(request, { made, trees: upstream.trees });
  for (const step of merged) {
    const reason = expander.take(step);
    if (reason !== undefined) return { kind: "opaque", step, reason };
  }
  return { kind: "expanded", actions: [...upstream.actions, ...expander.actions()] };
}

/**
 * The copy of a library that keeps only what it exports, made by the same action that links it, as
 * nobody reads the one in between, and it is as large.
 */
function mergeObjcopy(steps: readonly Step[]): Step[] {
  const links = new Map(
    steps.filter(({ target }) => target.endsWith(".ld.o")).map((step) => [step.target, step]),
  );
  const merged = new Set<string>();
  const result = steps.map((step) => {
    // From 4.4 on make prints no prerequisites, but the copy names what it is of.
    const named = pathsIn(step.commands.join("\n")).map((path) => `${fixedRoot}/${path}`);
    const [link] = [...step.prerequisites, ...named].flatMap((path) => links.get(path) ?? []);
    if (step.kind !== "OBJCOPY" || link === undefined || link.kind !== "LD") return step;
    merged.add(link.target);
    return {
      ...step,
      kind: "LD",
      commands: [...link.commands, ...step.commands],
      prerequisites: [
        ...link.prerequisites,
        ...step.prerequisites.filter((p) => p !== link.target),
      ],
    };
  });
  return result.filter(({ target }) => !merged.has(target));
}

class Expander {
  readonly #request: ExpansionRequest;
  readonly #made: ReadonlySet<string>;
  readonly #actions: WithoutOwner<Action>[] = [];
  /** Of upstream sources. */
  readonly #trees: readonly ExecPath[];
  /** Of generated files that a compiler may include. */
  readonly #generated: ExecPath[] = [];
  readonly #compiles: { readonly step: Step; readonly command: CompileCommand }[] = [];

  constructor(
    request: ExpansionRequest,
    { made, trees }: { readonly made: ReadonlySet<string>; readonly trees: readonly ExecPath[] },
  ) {
    this.#request = request;
    this.#made = made;
    this.#trees = trees;
  }

  /** Takes in `step`; gives the reason when it cannot be told what it does. */
  take(step: Step): string | undefined {
    if (!isBelowBuild(step)) {
      return leavesNothing(step)
        ? undefined
        : "what it leaves is nowhere below the build directory";
    }
    if (step.kind.startsWith("HOST") || step.target.includes(`/${seen.tools}/`)) return undefined;
    const [first = "", ...others] = step.commands;
    const command = readCompileCommand(first);
    if (command !== undefined && others.every((line) => /(^|\/)fixdep /.test(line))) {
      const { source } = command;
      if (!source.startsWith(`${fixedRoot}/`)) return `it compiles ${source}, which is elsewhere`;
      this.#compiles.push({ step, command });
      return undefined;
    }
    const option = opaqueOptionIn(first);
    if (option !== undefined) return `its compiler is told ${option}`;
    const text = step.commands.join("\n");
    if (text.includes("--syncconfig")) return this.#addOptions(step, text);
    const reason = opaqueReasonOf(step, this.#made);
    if (reason === undefined) this.#addShell(step, text);
    return reason;
  }

  /** All actions. Compilers come last, as they may include whatever was generated before. */
  actions(): WithoutOwner<Action>[] {
    const { outside } = this.#request;
    const objects = new Set(this.#compiles.map(({ command }) => outside(relative(command.object))));
    const madeOf = objectsBehind(this.#actions, objects);
    const generated = this.#generated.map(outside);
    const compiled = this.#compiles.map(({ step, command }) => {
      const object = outside(relative(command.object));
      // What is made of an object, as a compressed kernel is, it cannot include.
      const before = generated.filter((path) => madeOf(path)?.has(object) !== true);
      return this.#compileAction(step, command, before);
    });
    return [...this.#actions, ...compiled];
  }

  /** The header of options: the core's own tool writes it, from a copy, as it writes there too. */
  #addOptions(step: Step, text: string): undefined {
    const { skeletons, mounts, tools, outside, earlyHeader, earlyCall } = this.#request;
    const header = relative(step.target);
    this.#generated.push(header);
    const work = { mnemonic: step.kind === "" ? "GEN" : step.kind, subject: header };
    if (isAsCalled(step.commands, earlyCall)) {
      this.#actions.push({
        kind: "program",
        ...work,
        program: `unikraft/${copyFile.name}`,
        version: copyFile.version,
        args: ["early", "header"],
        inputs: [earlyHeader],
        outputs: [outside(header)],
        mounts: { [earlyHeader]: "early", [outside(header)]: "header" },
      });
      return undefined;
    }
    const scratch = `${seen.build}/options`;
    const recipe = text
      .replaceAll(`${fixedRoot}/${seen.config}`, `$root/${scratch}/.config`)
      .replaceAll(`${fixedRoot}/`, "$root/");
    const script = [
      "root=$PWD",
      `mkdir -p ${scratch} ${seen.build}/include/config ${seen.build}/kconfig`,
      `sed "s|${fixedRoot}/|$root/|g" ${seen.config} > ${scratch}/.config`,
      recipe.replaceAll(/'\$root/g, `'"$root"'`),
      `sed "s|$root/|${fixedRoot}/|g" ${header} > ${scratch}/header && cat ${scratch}/header > ${header}`,
    ].join("\n");
    const places = Object.entries(skeletons);
    const replaced = new Set(places.map(([path]) => path));
    const others = Object.entries(mounts).filter(([, at]) => !replaced.has(at));
    this.#actions.push({
      kind: "command",
      ...work,
      argv: ["sh", "-ec", script],
      env: {},
      inputs: [
        ...places.map(([, path]) => path),
        outside(seen.config),
        outside(`${seen.tools}/conf`),
      ],
      outputs: [outside(header)],
      mounts: Object.fromEntries([...others, ...places.map(([at, path]) => [path, at])]),
      tools,
    });
    return undefined;
  }

  #addShell(step: Step, text: string): void {
    const { outside, mounts, tools } = this.#request;
    const target = relative(step.target);
    // As make runs them: a shell for each, which goes on after a failure within its line.
    const lines = step.commands.map((line) => `( ${relativeLine(line)}\n)`);
    const named = [...pathsIn(text), ...step.prerequisites.flatMap(pathsIn)];
    const read = named.filter((path) => path !== target && this.#isThere(path, text));
    // What a macro file includes, only m4 itself could tell: it looks beside the file.
    const besides = read.filter((path) => path.endsWith(".m4")).map((path) => posix.dirname(path));
    const inputs = [...new Set([...read, ...besides])];
    if (!/\.(o|dbg)$/.test(target) && !/^(LD|SCSTRIP|OBJCOPY)$/.test(step.kind)) {
      this.#generated.push(target);
    }
    const directories = new Set([...inputs, target].map((path) => path.replace(/\/[^/]*$/, "")));
    this.#actions.push({
      kind: "command",
      mnemonic: step.kind === "" ? "RUN" : step.kind,
      subject: target,
      argv: ["sh", "-c", [makeDirectories(directories), ...lines].join(" && ")],
      env: {},
      inputs: [...new Set(inputs.map(outside))],
      outputs: [outside(target)],
      ...(isLinking(step) && { sharesSandbox: true }),
      mounts,
      tools,
    });
  }

  /** Whether `path` is something that the step reads; options only when it names them. */
  #isThere(path: ExecPath, text: string): boolean {
    if (path === seen.config) return true;
    if (this.#made.has(`${fixedRoot}/${path}`)) {
      return !path.endsWith("/config.h") || text.includes(`${fixedRoot}/${path}`);
    }
    const isUnpacked = this.#trees.some((tree) => path.startsWith(`${tree}/`));
    return isUnpacked || this.#request.embedded.includes(path) || this.#request.isSource(path);
  }

  #compileAction(
    step: Step,
    command: CompileCommand,
    generated: readonly ExecPath[],
  ): WithoutOwner<Action> {
    const { outside, mounts, tools, sources, without, embedded } = this.#request;
    const object = relative(command.object);
    const base = object.replace(/\.o$/, "");
    const isWhole = command.compile !== undefined;
    const text = isWhole ? `${base}.${textExtension(command)}` : object;
    const depfile = `${base}.d`;
    const words = command.preprocess.map(relativeWord);
    const maps = mapsOf(Object.values(mounts));
    const searchPath = command.searchPath.map((path) => relativeWord(path).replace(/\/$/, ""));
    const read = step.prerequisites.flatMap(pathsIn).filter((path) => this.#isMade(path));
    const [trees, others] = [this.#trees.map(outside), [...read, ...embedded].map(outside)];
    return {
      kind: "compile",
      mnemonic: step.kind,
      subject: object,
      preprocess: [
        command.compiler,
        "-E",
        ...words,
        ...maps,
        // Clang says of the directory only with debug information, and warns of what is in vain.
        ...(/clang/.test(command.compiler) ? [] : ["-fno-working-directory"]),
        "-MD",
        "-MF",
        depfile,
        "-o",
        text,
      ],
      ...(command.compile !== undefined && {
        compile: compileArgv(command, { words: command.compile.map(relativeWord), text, object }),
      }),
      text,
      depfile,
      searchPath,
      options: { header: optionHeader, prefix: "CONFIG_" },
      env: {},
      inputs: [...new Set([...sources, ...trees, ...generated, ...others])],
      outputs: [outside(object)],
      without,
      mounts,
      // It tells of the programs that it runs itself; another perl makes no other object.
      tools: command.compiler.includes("/") ? tools : [command.compiler],
    };
  }

  #isMade(path: ExecPath): boolean {
    return this.#made.has(`${fixedRoot}/${path}`) && !path.endsWith(".o");
  }
}

/** Which of `objects` an output of `actions` is made of, by way of whatever others make. */
function objectsBehind(
  actions: readonly WithoutOwner<Action>[],
  objects: ReadonlySet<ExecPath>,
): (path: ExecPath) => ReadonlySet<ExecPath> | undefined {
  const makers = new Map(
    actions.flatMap((action) => action.outputs.map((path) => [path, action] as const)),
  );
  const found = new Map<ExecPath, ReadonlySet<ExecPath>>();
  const behind = (path: ExecPath): ReadonlySet<ExecPath> | undefined => {
    const known = found.get(path);
    if (known !== undefined) return known;
    if (objects.has(path)) return new Set([path]);
    const maker = makers.get(path);
    if (maker === undefined) return undefined;
    const all = new Set<ExecPath>();
    found.set(path, all); // Steps in a circle are told of by who takes the actions.
    for (const input of maker.inputs) for (const one of behind(input) ?? []) all.add(one);
    return all;
  };
  return behind;
}

/** Where every core has its options. Source: Unikraft, Makefile (`UK_CONFIG_OUT`). */
const optionHeader = `${seen.build}/include/uk/bits/config.h`;

function compileArgv(
  { compiler, compile = [] }: CompileCommand,
  { words, text, object }: { words: readonly string[]; text: string; object: string },
): readonly [string, ...string[]] {
  const isAssembly = compile.at(-1) === "assembler";
  // Comments say that a case falls through, and are gone by now.
  const quiet = [
    ...(isAssembly ? [] : ["-Wno-implicit-fallthrough"]),
    // Clang warns of options that were for the first step, as some of those that serve both are.
    // It warns of comparisons, too, that only macros made what they are, and macros are gone by now.
    ...(/clang/.test(compiler) ? ["-Qunused-arguments", "-Wno-tautological-compare"] : []),
  ];
  const args = [compiler, "-c", ...words, ...quiet, "-o", object];
  // Where the input root is must not show, and files to be embedded are named below a fixed one.
  const script = isAssembly
    ? `sed "s|\\"${fixedRoot}/|\\"$PWD/|" "$1" > "$1.s"; f="$1.s"; shift; exec "$@" "-fdebug-prefix-map=$PWD=${fixedRoot}" "$f"`
    : `f="$1"; shift; exec "$@" "-fdebug-prefix-map=$PWD=${fixedRoot}" "$f"`;
  return ["sh", "-ec", script, "compile", text, ...args];
}

/** What `__FILE__` and debug information say: the paths that make would have had. */
function mapsOf(places: readonly ExecPath[]): string[] {
  const tops = new Set(places.map((path) => path.split("/")[0] ?? ""));
  return [...tops].sort().map((top) => `-ffile-prefix-map=${top}=${fixedRoot}/${top}`);
}

function textExtension({ compile = [] }: CompileCommand): string {
  const language = compile.at(-1);
  return language === "assembler" ? "s" : language === "c++-cpp-output" ? "ii" : "i";
}

/** `line` with paths below the fixed root made relative to it. */
function relativeLine(line: string): string {
  return line.replaceAll(/(^|[\s"'=,:>(<|&;]|-I|-L)\/kraft\//g, "$1");
}

function makeDirectories(paths: Iterable<ExecPath>): string {
  const built = [...paths].filter((path) => path.startsWith(`${seen.build}/`)).sort();
  return `mkdir -p ${[seen.build, ...built].join(" ")}`;
}

function relative(path: string): ExecPath {
  return path.slice(fixedRoot.length + 1);
}
