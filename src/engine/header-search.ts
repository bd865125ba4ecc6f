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
  /** By mounts. */
  readonly #found = new Map<string, Places>();
  /** Actions of a target share these, and each asks for hundreds of names. */
  readonly #texts = new WeakMap<object, string>();
  /** By inputs, which actions of a target share, too. */
  readonly #visible = new WeakMap<readonly ExecPath[], Visible>();

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
    const mounts = mountsOf(action);
    const places = this.#placesOf(action);
    const visible = this.#visibleTo(action);
    const { searchPath } = action;
    const along = placeIn(places.along, this.#textOf(searchPath), searchPath);
    const seen = (path: ExecPath): boolean =>
      read.has(path) || visible.has(mounts.outside(path), action);
    const besides = new Set<ExecPath>();
    for (const { name, directory, isEach } of set.searches) {
      const local =
        directory === undefined
          ? []
          : [this.#filesFor(name, placeIn(places.at, directory, [directory]), mounts)];
      const files = [...local, this.#filesFor(name, along, mounts)];
      // Those behind the first do not matter, unless the one after it is asked for.
      const found = isEach ? files.flatMap((one) => one.all(seen)) : firstOf(files, seen);
      for (const path of found) if (!read.has(path)) besides.add(path);
    }
    return [...besides].sort();
  }

  #placesOf({ mounts }: CompileAction): Places {
    const key = mounts === undefined ? "" : this.#textOf(mounts);
    let places = this.#found.get(key);
    if (places === undefined) this.#found.set(key, (places = { along: new Map(), at: new Map() }));
    return places;
  }

  #visibleTo(action: CompileAction): Visible {
    const known = this.#visible.get(action.inputs);
    if (known !== undefined && known.without === action.without) return known;
    const visible = new Visible(action.without);
    this.#visible.set(action.inputs, visible);
    return visible;
  }

  /** The files called `name` in a place, as actions with these mounts see them. */
  #filesFor(name: string, { directories, files }: Place, mounts: Mounts): NamedFiles {
    let found = files.get(name);
    if (found === undefined) {
      files.set(name, (found = new NamedFiles(this.#lookFor(name, directories, mounts))));
    }
    return found;
  }

  #textOf(value: object): string {
    const known = this.#texts.get(value) ?? JSON.stringify(value);
    this.#texts.set(value, known);
    return known;
  }

  *#lookFor(
    name: string,
    directories: readonly ExecPath[],
    { outside }: Mounts,
  ): Generator<ExecPath> {
    const places = name.startsWith("/") ? ["/"] : directories;
    const leadsUp = name.split("/").includes("..");
    for (const directory of places) {
      const path = posix.join(directory, name);
      if (this.#inputs.isFile(outside(path))) yield path;
      // Behind a link, or a directory that is one in the sandbox, `..` leads elsewhere.
      const other = leadsUp ? this.#elsewhere(outside(directory), name) : undefined;
      if (other !== undefined) yield other;
    }
  }

  /** Where the file `name` of `directory` is when the system looks for it, if that is elsewhere. */
  #elsewhere(directory: ExecPath, name: string): string | undefined {
    const top = this.#inputs.diskPathOf(directory);
    const real = realPathOf(`${top}/${name}`);
    return real === realPathOf(posix.join(top, name)) ? undefined : real;
  }
}

/** The files of one name in a place, in order, looked for as far as somebody asks. */
class NamedFiles {
  readonly #known: ExecPath[] = [];
  readonly #others: Iterator<ExecPath>;

  constructor(others: Iterator<ExecPath>) {
    this.#others = others;
  }

  first(isWanted: (path: ExecPath) => boolean): ExecPath | undefined {
    for (let at = 0; ; at++) {
      const path = this.#at(at);
      if (path === undefined || isWanted(path)) return path;
    }
  }

  all(isWanted: (path: ExecPath) => boolean): readonly ExecPath[] {
    while (this.#at(this.#known.length) !== undefined);
    return this.#known.filter(isWanted);
  }

  #at(index: number): ExecPath | undefined {
    if (index < this.#known.length) return this.#known[index];
    const { value, done } = this.#others.next();
    if (done === true) return undefined;
    this.#known.push(value);
    return value;
  }
}

function firstOf(
  files: readonly NamedFiles[],
  isWanted: (path: ExecPath) => boolean,
): readonly ExecPath[] {
  for (const one of files) {
    const path = one.first(isWanted);
    if (path !== undefined) return [path];
  }
  return [];
}

/** Undefined when there is nothing at `path`. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path); // The other one takes `..` out before it follows links.
  } catch {
    return undefined;
  }
}

/** A directory, or those of a search path, with the files that were looked for in it by name. */
interface Place {
  readonly directories: readonly ExecPath[];
  readonly files: Map<string, NamedFiles>;
}

/** All places that actions with the same mounts looked into. */
interface Places {
  /** By search path, as text. */
  readonly along: Map<string, Place>;
  /** By directory. */
  readonly at: Map<string, Place>;
}

function placeIn(
  places: Map<string, Place>,
  key: string,
  directories: Place["directories"],
): Place {
  let place = places.get(key);
  if (place === undefined) places.set(key, (place = { directories, files: new Map() }));
  return place;
}

/** What actions with the same inputs get to see of files of the graph, or of the machine. */
class Visible {
  readonly without: CompileAction["without"];
  readonly #known = new Map<ExecPath, boolean>();

  constructor(without: CompileAction["without"]) {
    this.without = without;
  }

  has(path: ExecPath, action: CompileAction): boolean {
    let known = this.#known.get(path);
    if (known === undefined) this.#known.set(path, (known = isVisible(path, action)));
    return known;
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
