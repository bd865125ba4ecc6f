// What files that a compiler read come to, now. Knows no cache.

import { posix } from "node:path";

import type { CompileAction, ExecPath } from "../action/action.ts";
import { type Mounts, mountsOf } from "../action/mounts.ts";
import type { Inputs } from "./inputs.ts";
import { optionsIn, readOptionHeader, valueOf } from "./option-header.ts";
import type { ReadSet } from "./records.ts";
import { textOf } from "./state-of.ts";

/** Looks at what compilers read; what it finds out serves all actions of a build. */
export class Reads {
  readonly #inputs: Inputs;
  /** By the digest of a file, and prefix. */
  readonly #options = new Map<string, readonly string[] | undefined>();
  readonly #macros = new Map<string, ReadonlyMap<string, string> | undefined>();
  /** By mounts and search path, and within by file. */
  readonly #shadows = new Map<string, Map<ExecPath, string>>();
  readonly #existing = new Map<ExecPath, boolean>();

  constructor(inputs: Inputs) {
    this.#inputs = inputs;
  }

  /** The set of `files`; undefined when one of them cannot be told, so that nothing may be kept. */
  setOf(action: CompileAction, files: readonly ExecPath[]): ReadSet | undefined {
    const { outside } = mountsOf(action);
    const { options: header } = action;
    if (files.some((file) => this.#inputs.nodeAt(outside(file)) === undefined)) return undefined;
    if (header === undefined || !files.includes(header.header)) return { files };
    const options = new Set<string>(optionsIn(action.preprocess.join(" "), header.prefix));
    for (const file of files) {
      if (file === header.header) continue;
      const found = this.#optionsIn(outside(file), header.prefix);
      if (found === undefined) return { files };
      for (const option of found) options.add(option);
    }
    return { files, options: [...options].sort() };
  }

  /** What `set` comes to, by names of files and options; undefined when a file is gone. */
  stateOf(action: CompileAction, set: ReadSet): Record<string, string> | undefined {
    const mounts = mountsOf(action);
    const state: Record<string, string> = {};
    const search = this.#searchOf(action, set, mounts);
    for (const file of set.files) {
      const node = this.#inputs.nodeAt(mounts.outside(file));
      if (node === undefined) return undefined;
      const macros =
        file === action.options?.header && set.options !== undefined
          ? this.#macrosOf(mounts.outside(file), textOf(node), action.options.prefix)
          : undefined;
      if (macros === undefined) state[file] = textOf(node) + search(file);
      else for (const option of set.options ?? []) state[option] = valueOf(option, macros);
    }
    return state;
  }

  #optionsIn(path: ExecPath, prefix: string): readonly string[] | undefined {
    const node = this.#inputs.nodeAt(path);
    const key = `${prefix} ${node === undefined ? "" : textOf(node)}`;
    if (this.#options.has(key)) return this.#options.get(key);
    const text = this.#inputs.textAt(path);
    const options = text === undefined ? undefined : optionsIn(text, prefix);
    this.#options.set(key, options);
    return options;
  }

  #macrosOf(
    path: ExecPath,
    digest: string,
    prefix: string,
  ): ReadonlyMap<string, string> | undefined {
    if (this.#macros.has(digest)) return this.#macros.get(digest);
    const text = this.#inputs.textAt(path);
    const macros = text === undefined ? undefined : readOptionHeader(text, prefix);
    this.#macros.set(digest, macros);
    return macros;
  }

  /**
   * For a file that was read, those that would be, or are, found before it by the same name: empty
   * when there are none, as nearly always. A file that comes to be there makes another state.
   */
  #searchOf(action: CompileAction, set: ReadSet, { outside }: Mounts): (file: ExecPath) => string {
    const { searchPath, mounts } = action;
    const key = JSON.stringify([mounts, searchPath]);
    const known = this.#shadows.get(key) ?? new Map<ExecPath, string>();
    this.#shadows.set(key, known);
    const includers = [...new Set(set.files.map((file) => posix.dirname(file)))];
    const exists = (path: ExecPath): boolean => this.#exists(outside(path));
    return (file) => {
      const names = namesOf(file, searchPath);
      let found = known.get(file);
      if (found === undefined) {
        const candidates = names.flatMap(({ name, index }) =>
          searchPath.slice(0, index).map((directory) => posix.join(directory, name)),
        );
        found = shown(candidates.filter((path) => path !== file && exists(path)));
        known.set(file, found);
      }
      const besides = names.flatMap(({ name }) =>
        includers.map((directory) => posix.join(directory, name)),
      );
      return found + shown(besides.filter((path) => path !== file && exists(path)));
    };
  }

  #exists(path: ExecPath): boolean {
    const known = this.#existing.get(path);
    if (known !== undefined) return known;
    const exists = this.#inputs.exists(path);
    this.#existing.set(path, exists);
    return exists;
  }
}

/** The names by which `file` is found in the search path, and where. */
function namesOf(
  file: ExecPath,
  searchPath: readonly ExecPath[],
): { name: string; index: number }[] {
  return searchPath.flatMap((directory, index) =>
    file.startsWith(`${directory}/`) ? [{ name: file.slice(directory.length + 1), index }] : [],
  );
}

function shown(paths: readonly ExecPath[]): string {
  return paths.length === 0 ? "" : ` behind ${paths.join(" ")}`;
}
