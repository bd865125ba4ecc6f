import type { ExecPath } from "../action/action.ts";

/** Which outputs are to be laid out: at first all that are wanted, then those that came since. */
export class Unplaced {
  readonly #wanted: ReadonlySet<ExecPath>;
  #isFirst = true;

  constructor(wanted: ReadonlySet<ExecPath>) {
    this.#wanted = wanted;
  }

  /** Those of the wanted that are, or are in, one of `fresh`. */
  take(fresh: ReadonlySet<ExecPath>): ReadonlySet<ExecPath> {
    if (this.#isFirst) {
      this.#isFirst = false;
      return this.#wanted;
    }
    const known = new Set([...fresh].filter((path) => this.#wanted.has(path)));
    // Where each is wanted by its own name, none can be a directory with more in it.
    if (known.size === fresh.size) return known;
    return new Set([...this.#wanted].filter((path) => isWithin(path, fresh)));
  }
}

function isWithin(path: ExecPath, tops: ReadonlySet<ExecPath>): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (tops.has(path.slice(0, end))) return true;
  }
  return false;
}
