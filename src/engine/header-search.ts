// Where else a compiler would have found a header. Knows no text and no cache.

import { realpathSync } from "node:fs";
import { posix } from "node:path";

import type { CompileAction, ExecPath } from "../action/action.ts";
import { type Mounts, mountsOf } from "../action/mounts.ts";
import { type Hidden, hiddenBy } from "./hidden.ts";
import type { Inputs } from "./inputs.ts";
import type { ReadSet } from "./records.ts";

/** Looks for headers as compilers do; what it finds out serves all actions of a build. */
export class HeaderSearch {
  readonly #inputs: Inputs;
  /** By mounts and search path, and within by name; by mounts and directory, likewise. */
  readonly #found = new Map<string, Map<string, readonly ExecPath[]>>();
  /** Actions of a target share these, and each asks for hundreds of names. */
  readonly #texts = new WeakMap<object, string>();

  constructor(inputs: Inputs) {
    this.#inputs = inputs;
  }

  /** Forgets what it found, as directories changed. */
  forget(): void {
    this.#found.clear();
  }

  /**
   * Files that were not read but stand where one of the names in `set` was looked for, as `action`
   * sees them, sorted. While they and those that were read stay, each name leads to the same file.
   */
  besides(action: CompileAction, set: ReadSet): readonly ExecPath[] {
    const read = new Set(set.files);
    const { outside } = mountsOf(action);
    const along = this.#finderIn(action.searchPath, action);
    const seen = (path: ExecPath): boolean => read.has(path) || isVisible(outside(path), action);
    const besides = new Set<ExecPath>();
    for (const { name, directory, isEach } of set.searches) {
      const local = directory === undefined ? [] : this.#finderIn([directory], action)(name);
      // Those behind the first do not matter, unless the one after it is asked for.
      const first = isEach ? undefined : (local.find(seen) ?? along(name).find(seen));
      const found = isEach ? [...local, ...along(name)].filter(seen) : [first];
      for (const path of found) if (path !== undefined && !read.has(path)) besides.add(path);
    }
    return [...besides].sort();
  }

  /** Gives for a name the files that stand in `directories`, as `action` sees them, in order. */
  #finderIn(
    directories: readonly ExecPath[],
    action: CompileAction,
  ): (name: string) => readonly ExecPath[] {
    const mounts = mountsOf(action);
    const isSearchPath = directories === action.searchPath;
    const where = isSearchPath ? this.#textOf(directories) : directories.join("\0");
    const key = `${action.mounts === undefined ? "" : this.#textOf(action.mounts)} ${where}`;
    let known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, (known = new Map()));
    return (name) => {
      let found = known.get(name);
      if (found === undefined) {
        found = this.#lookFor(name, directories, mounts);
        known.set(name, found);
      }
      return found;
    };
  }

  #textOf(value: object): string {
    const known = this.#texts.get(value) ?? JSON.stringify(value);
    this.#texts.set(value, known);
    return known;
  }

  #lookFor(name: string, directories: readonly ExecPath[], { outside }: Mounts): ExecPath[] {
    const places = name.startsWith("/") ? ["/"] : directories;
    return places.flatMap((directory) => {
      const path = posix.join(directory, name);
      const found = this.#inputs.isFile(outside(path)) ? [path] : [];
      // Behind a link, or a directory that is one in the sandbox, `..` leads elsewhere.
      const other = name.split("/").includes("..") && this.#elsewhere(outside(directory), name);
      return typeof other === "string" ? [...found, other] : found;
    });
  }

  /** Where the file `name` of `directory` is when the system looks for it, if that is elsewhere. */
  #elsewhere(directory: ExecPath, name: string): string | undefined {
    const top = this.#inputs.diskPathOf(directory);
    const real = realPathOf(`${top}/${name}`);
    return real === realPathOf(posix.join(top, name)) ? undefined : real;
  }
}

/** Undefined when there is nothing at `path`. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path); // The other one takes `..` out before it follows links.
  } catch {
    return undefined;
  }
}

/** Whether `action` gets to see the file `path` of the graph, or of the machine. */
function isVisible(path: ExecPath, { inputs, without = {} }: CompileAction): boolean {
  if (path.startsWith("/")) return true;
  const tops = inputs.filter((top) => top === "." || path === top || path.startsWith(`${top}/`));
  return tops.some((top) => {
    const below = top === "." ? path : path.slice(top.length + 1);
    const { ignore } = matcherOf(without[top] ?? nothing);
    const parts = below === "" ? [] : below.split("/");
    if (parts.includes("..")) return true;
    return !parts.some((_, i) => ignore(parts.slice(0, i + 1).join("/"), i < parts.length - 1));
  });
}

function matcherOf(patterns: readonly string[]): Pick<Hidden, "ignore"> {
  const known = matchers.get(patterns) ?? hiddenBy(patterns);
  matchers.set(patterns, known);
  return known;
}

/** By their patterns, which actions of a target share: making one takes as long as using it. */
const matchers = new WeakMap<readonly string[], Pick<Hidden, "ignore">>();

const nothing: readonly string[] = [];
