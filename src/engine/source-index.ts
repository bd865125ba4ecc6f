// Which actions have a source among their inputs. Knows no disk, and no reads of compilers.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import { outputRoot } from "../analysis/exec-path.ts";

/** Actions by the sources that they name, be those files or directories. */
export class SourceIndex {
  /** An id by itself where there is only one, which takes a third of the memory. */
  readonly #readers = new Map<ExecPath, ExecPath | ExecPath[]>();

  constructor(actions: Iterable<Action>) {
    for (const action of actions) {
      const id = actionId(action);
      for (const path of action.inputs) {
        if (!path.startsWith(`${outputRoot}/`)) this.#add(path, id);
      }
    }
  }

  /** The actions that name one of `paths`. */
  readersOf(paths: Iterable<ExecPath>): ExecPath[] {
    return [...paths].flatMap((path) => this.#readers.get(path) ?? []);
  }

  /** The actions that name something below one of `directories`. */
  readersBelow(directories: readonly ExecPath[]): ExecPath[] {
    return [...this.#readers].flatMap(([path, ids]) =>
      directories.some((top) => path.startsWith(`${top}/`)) ? ids : [],
    );
  }

  #add(path: ExecPath, id: ExecPath): void {
    const known = this.#readers.get(path);
    if (known === undefined) this.#readers.set(path, id);
    else if (typeof known === "string") this.#readers.set(path, [known, id]);
    else known.push(id);
  }
}
