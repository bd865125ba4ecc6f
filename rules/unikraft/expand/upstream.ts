// Sources that libraries take from upstream projects: steps that fetch, unpack and patch → actions.

import type { Action, ExecPath, WithoutOwner } from "../../../src/index.ts";
import type { ExpansionRequest } from "./actions-of.ts";
import { type Archive, archiveOf, checksumsOf, fetchAction, isChecksumLine } from "./archive.ts";
import { fixedRoot, pathsIn, seen } from "./layout.ts";
import type { Step } from "./make-plan.ts";

/** The upstream sources of all libraries. */
export type Upstream =
  | {
      readonly kind: "expanded";
      readonly actions: readonly WithoutOwner<Action>[];
      /** Steps that have nothing to do with them, but that they may read them. */
      readonly others: readonly Step[];
      /** Files and directories that compilers may read, as actions see them. */
      readonly trees: readonly ExecPath[];
    }
  | { readonly kind: "opaque"; readonly step: Step; readonly reason: string };

/** A library that has such sources. */
interface Library {
  /** Where all is that is made for it. */
  readonly directory: ExecPath;
  readonly archives: readonly Archive[];
  /** What is done with the archives, in an order in which it can be done. */
  readonly steps: readonly Step[];
}

/**
 * One action for each archive, and one for each library that leaves all that it unpacks: patches
 * change files where they are, so that no two actions can share the work.
 *
 * Source: fine-grained.md §1.2, §6.7 and §6.8.
 */
export function upstreamOf(steps: readonly Step[], request: ExpansionRequest): Upstream {
  const { libraries, others } = librariesIn(steps);
  const made = new Set(others.map(({ target }) => target));
  const trees = new Map(libraries.map((library) => [library, treesOf(library, made)]));
  const isMade = (path: ExecPath): boolean =>
    made.has(`${fixedRoot}/${path}`) || isWithin(path, [...trees.values()].flat());
  const actions: WithoutOwner<Action>[] = [];
  for (const library of libraries) {
    const strange = library.steps.find((step) => opaqueWords.test(textOf(step)));
    if (strange !== undefined) {
      const [, , word = ""] = opaqueWords.exec(textOf(strange)) ?? [];
      return { kind: "opaque", step: strange, reason: `it runs ${word}` };
    }
    actions.push(...actionsFor(library, { ...request, isMade, trees: trees.get(library) ?? [] }));
  }
  return { kind: "expanded", actions, others, trees: [...trees.values()].flat() };
}

function librariesIn(steps: readonly Step[]): { libraries: Library[]; others: Step[] } {
  const parts = new Map<ExecPath, Step[]>();
  for (const step of steps) {
    const directory = directoryOf(step);
    if (directory !== undefined && unpacks(step)) parts.set(directory, []);
  }
  const others = steps.filter((step) => {
    const directory = directoryOf(step) ?? "";
    const taken = parts.get(directory);
    const isPart = taken !== undefined && isUpstream(step, directory);
    if (isPart) taken.push(step);
    return !isPart;
  });
  const libraries = [...parts].map(([directory, own]) => ({
    directory,
    archives: own.flatMap((step) => archiveOf(step) ?? []),
    steps: own.filter((step) => archiveOf(step) === undefined),
  }));
  return { libraries, others };
}

/** The directory of the library that `step` is for. */
function directoryOf({ target }: Step): ExecPath | undefined {
  const [path = ""] = pathsIn(target);
  const [top, library, ...below] = path.split("/");
  return top === seen.build && library !== undefined && below.length > 0
    ? `${top}/${library}`
    : undefined;
}

function textOf({ commands }: Step): string {
  return commands.join("\n");
}

function unpacks(step: Step): boolean {
  return archiveOf(step) !== undefined || /(^|[\s;&|(/])(unzip|tar|patch)\s+-/.test(textOf(step));
}

/** Whether `step` is part of the work on upstream sources, for the library in `directory`. */
function isUpstream(step: Step, directory: ExecPath): boolean {
  if (unpacks(step)) return true;
  const [path = ""] = pathsIn(step.target);
  if (isHidden(path) || isWithin(path, [`${directory}/${origin}`])) return true;
  return step.commands.every((line) => /^(\S*\/)?(mkdir|ln|touch) [^;&|<>`$]*$/.test(line));
}

/** Where the core unpacks archives. Source: Unikraft, support/build/Makefile.rules. */
const origin = "origin";

function isHidden(path: ExecPath): boolean {
  return path.slice(path.lastIndexOf("/") + 1).startsWith(".");
}

function isWithin(path: ExecPath, directories: readonly ExecPath[]): boolean {
  return directories.some((directory) => path === directory || path.startsWith(`${directory}/`));
}

/** What the steps of `library` leave: whole directories where nothing else leaves anything there. */
function treesOf({ directory, steps }: Library, made: ReadonlySet<string>): ExecPath[] {
  const trees = new Set([`${directory}/${origin}`]);
  for (const step of steps) {
    const [path = ""] = pathsIn(step.target);
    if (isHidden(path)) continue;
    const [name = ""] = path.slice(directory.length + 1).split("/");
    const top = `${directory}/${name}`;
    const isShared = [...made].some((target) => target.startsWith(`${fixedRoot}/${top}/`));
    trees.add(isShared ? path : top);
  }
  return [...trees];
}

/** As what fetches and unpacks is no longer strange here, these are. */
const opaqueWords =
  /(^|[\s;&|(/])(make|gmake|cmake|ninja|meson|cargo|rustc|go|configure|wget|curl|git)(\s|$)/;

interface UnpackRequest extends ExpansionRequest {
  readonly isMade: (path: ExecPath) => boolean;
  readonly trees: readonly ExecPath[];
}

function actionsFor(library: Library, request: UnpackRequest): WithoutOwner<Action>[] {
  const { directory, archives, steps } = library;
  const { outside, mounts, tools, trees, isMade, isSource } = request;
  const checksums = new Map(steps.flatMap((step) => [...checksumsOf(step)]));
  const fetches = archives.map((archive) =>
    fetchAction(archive, checksums.get(archive.path) ?? [], { outside }),
  );
  const named = steps.flatMap((step) =>
    pathsIn([...step.commands, ...step.prerequisites].join(" ")),
  );
  const fetched = new Set(archives.map(({ path }) => path));
  const inputs = new Set(
    named.filter((path) => {
      if (isWithin(path, trees)) return false;
      return fetched.has(path) || path === seen.config || isMade(path) || isSource(path);
    }),
  );
  const script = `${directory}/unpack.sh`;
  const [first = "", ...rest] = trees.map(outside);
  return [
    ...fetches,
    {
      kind: "write",
      mnemonic: "Script",
      subject: script,
      text: scriptOf(library, trees),
      inputs: [],
      outputs: [outside(script)],
      mounts,
    },
    {
      kind: "command",
      mnemonic: "Unpack",
      subject: directory,
      argv: ["sh", script],
      env: {},
      inputs: [script, ...inputs].map(outside),
      outputs: [first, ...rest],
      mounts,
      tools: [...new Set([...tools, ...unpackers])],
    },
  ];
}

/** What unpacks and changes sources, whether or not make calls it. */
export const unpackers: readonly string[] = [
  "tar?",
  "gzip?",
  "xz?",
  "bzip2?",
  "unzip?",
  "patch?",
  "find",
  "cp",
];

/** All steps of `library`, each line in a shell of its own as make has it. */
function scriptOf({ directory, steps }: Library, trees: readonly ExecPath[]): string {
  const directories = new Set([`${directory}/${origin}`]);
  for (const { target } of steps) {
    const [path = ""] = pathsIn(target);
    directories.add(path.slice(0, path.lastIndexOf("/")));
  }
  const lines = steps
    .flatMap(({ commands }) => commands.filter((line) => !isChecksumLine(line)))
    .map((line) => `(\n${belowRoot(line)}\n) || exit`);
  return [
    "root=$PWD",
    ...[...directories].sort().map((path) => `mkdir -p ${path} || exit`),
    ...lines,
    ...trees.map((tree) => `settle ${tree}`),
  ]
    .join("\n")
    .replace(/^/, `${settleFunction}\n`)
    .concat("\n");
}

/** `line` with absolute paths, as it may go to other directories, or make links. */
function belowRoot(line: string): string {
  return line.replaceAll(`${fixedRoot}/`, "$root/").replaceAll(/'\$root/g, `'"$root"'`);
}

/** Links that lead out of a tree become what they lead to, as the tree may come to lie elsewhere. */
const settleFunction = `settle() {
  find "$1" -xtype l -lname "$root/*" -exec rm {} + || exit
  case $1 in
  */${origin})
    find "$1" -lname "$root/*" | while read -r link; do
      cp -rL "$link" "$link.settled" && rm "$link" && mv "$link.settled" "$link" || exit
    done || exit ;;
  *) cp -rL "$1" "$1.settled" && rm -r "$1" && mv "$1.settled" "$1" || exit ;;
  esac
}`;
