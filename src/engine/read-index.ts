// Which compilations read a file, or looked for a name. Knows no disk.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import type { ReadSet } from "./records.ts";
import type { Touched } from "./touched.ts";

/** Compile actions by what they read. What one no longer reads may stay: then it is looked at. */
export class ReadIndex {
  readonly #known = new Set<ExecPath>();
  readonly #byFile = new Map<ExecPath, Set<ExecPath>>();
  /** By each part of the names that were looked for. */
  readonly #byName = new Map<string, Set<ExecPath>>();

  /** Whether it is known what the action `id` read. */
  has(id: ExecPath): boolean {
    return this.#known.has(id);
  }

  note(action: Action, { files, searches, isWhole }: ReadSet): void {
    if (isWhole === true) return; // Then all of its inputs count.
    const id = actionId(action);
    const { outside } = mountsOf(action);
    for (const file of files) add(this.#byFile, outside(file), id);
    for (const { name } of searches) {
      for (const part of name.split("/")) add(this.#byName, part, id);
    }
    this.#known.add(id);
  }

  forget(id: ExecPath): void {
    this.#known.delete(id);
  }

  /** The actions that read what `touched` names, among those of which that is known. */
  readersOf({ changed, names }: Touched): ReadonlySet<ExecPath> {
    const files = [...changed].map((path) => this.#byFile.get(path));
    const searches = [...names].map((name) => this.#byName.get(name));
    return new Set([...files, ...searches].flatMap((ids) => (ids === undefined ? [] : [...ids])));
  }
}

function add(index: Map<string, Set<ExecPath>>, key: string, id: ExecPath): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, new Set([id]));
  else known.add(id);
}
