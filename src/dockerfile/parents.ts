// What `COPY --parents` means by a source: paths that come along with the directories above them.
// Source: BuildKit: only before `/./`, and not behind it, symbolic links are followed.

import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import type { FileTree } from "../format/file-tree.ts";
import { readableName } from "../format/format-error.ts";
import type { ContextInput } from "./context-input.ts";
import { gitignorePatterns } from "./gitignore-patterns.ts";
import { cleaned, ignorePatterns } from "./ignore-patterns.ts";
import { hasWildcard, matchesGlob, withoutEscapes } from "./pattern.ts";

/** A source of `COPY --parents`. */
export interface ParentsSource {
  /** What stays behind: from the root, without a slash before it; empty: the root. */
  readonly start: string;
  /** From there; empty: all that is there. */
  readonly pattern: string;
}

/** `source` in its two parts, of which the first is none unless there is a `/./`. */
export function parentsSource(source: string): ParentsSource {
  // That at the very beginning says no more than the root itself.
  const path = source.replace(/^(?:\.?\/)+/, "");
  const pivot = path.indexOf("/./");
  if (pivot === -1) return { start: "", pattern: cleaned(path) };
  return { start: cleaned(path.slice(0, pivot)), pattern: cleaned(path.slice(pivot + 3)) };
}

/** Whether a path below the start of `source`, as text, is meant. */
export function parentsMatcher({ pattern }: ParentsSource): (path: string) => boolean {
  if (pattern === "") return () => true;
  const patterns = ignorePatterns([pattern]);
  return (path) => {
    if (patterns.matches(path)) return true;
    const names = path.split("/");
    return names.some((_, i) => matchesGlob(pattern, names.slice(0, i + 1).join("/")) === true);
  };
}

/**
 * Whether a path below the start of one of `sources`, which have the same, can be meant, or be above
 * what is. All that {@link parentsInput} leaves out is none of these.
 */
export function isOnTheWay(sources: readonly ParentsSource[]): (path: string) => boolean {
  const wanted = wantedBy(sources);
  return (path) => {
    let now: Wanted = wanted;
    for (const name of path.split("/")) {
      if (now === "all") return true;
      const next: Wanted | undefined = [...now].find(([key]) => matchesName(key, name))?.[1];
      if (next === undefined) return false;
      now = next;
    }
    return true;
  };
}

/**
 * The input that `sources` are, which have the same start in the directory `context`: links on the
 * way, and modes of the directories there, count besides what is copied.
 */
export function parentsInput(
  sources: readonly ParentsSource[],
  context: ExecPath,
  ignored: readonly string[],
): ContextInput {
  const start = sources[0]?.start ?? "";
  const hidden = gitignorePatterns(ignored, start);
  return {
    path: start === "" ? context : posix.join(context, start),
    without: [...linesOf(wantedBy(sources), ""), ...hidden],
  };
}

/** What of a directory is wanted: all, or what is called so, or as a pattern says. */
type Wanted = "all" | Map<string, Wanted>;

function wantedBy(sources: readonly ParentsSource[]): Wanted {
  const root = new Map<string, Wanted>();
  for (const { pattern } of sources) {
    if (!addTo(root, pattern.split("/"))) return "all";
  }
  return levelled(root);
}

/** Where a pattern may mean what has a name of its own, too, all that is there is wanted. */
function levelled(wanted: Map<string, Wanted>): Wanted {
  const isMixed = [...wanted.keys()].some(hasWildcard);
  const levels = [...wanted].map(([name, below]): [string, Wanted] => {
    return [name, isMixed || below === "all" ? "all" : levelled(below)];
  });
  return new Map(levels);
}

/** False when all of the directory is wanted, or what cannot be told from others by its name. */
function addTo(into: Map<string, Wanted>, [name = "", ...deeper]: readonly string[]): boolean {
  const isLast = deeper.length === 0;
  const isPattern = hasWildcard(name);
  if (name === "" || name.includes("**") || (isPattern && !isLast)) return false;
  // Those patterns, and such names, are read in the same way by all who get them.
  if (!/^[\w.*?+@-]+$/.test(name)) return false;
  const there = into.get(name);
  if (there === "all") return true;
  if (isLast) {
    into.set(name, "all");
    return true;
  }
  const below = there ?? new Map<string, Wanted>();
  into.set(name, addTo(below, deeper) ? below : "all");
  return true;
}

function matchesName(key: string, name: string): boolean {
  return hasWildcard(key) ? matchesGlob(key, name) === true : key === name;
}

function linesOf(wanted: Wanted, prefix: string): string[] {
  if (wanted === "all") return [];
  const below = [...wanted].flatMap(([name, inner]) => {
    const path = `${prefix}/${name}`;
    return [`!${path}`, ...linesOf(inner, path)];
  });
  return [`${prefix}/*`, ...below];
}

/**
 * Why `source`, whose start is the real path `start` of `tree`, is not there; undefined when it is, and
 * for a pattern, which may mean nothing.
 */
export function missingParent(
  tree: FileTree,
  start: string,
  { pattern }: ParentsSource,
): string | undefined {
  const names = pattern.split("/");
  if (pattern === "" || names.some(hasWildcard)) return undefined;
  let path = start;
  for (const name of names.map(withoutEscapes)) {
    const at = Buffer.from(path.replace(/^\//, ""), "latin1");
    const node = tree.get(at);
    if (node?.kind === "symlink") {
      const target = readableName(node.target);
      return `there is no ${pattern}: /${readableName(at)} is a link to ${target}, which --parents does not follow`;
    }
    path = `${path}/${Buffer.from(name).toString("latin1")}`;
  }
  return tree.get(Buffer.from(path, "latin1")) === undefined ? `there is no ${pattern}` : undefined;
}
