// Files that change whenever a build runs: most likely it is the build that writes them.

/** How often in a row a file has changed while a build ran. */
export class Repetition {
  #counts = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly #told = new Set<string>();

  /** `path` changed while a build runs. */
  note(path: string): void {
    this.#seen.add(path);
  }

  /** That build is over. Only paths that `matters` are counted; absent: all. */
  endBuild(matters: (path: string) => boolean = () => true): void {
    const next = [...this.#seen]
      .filter(matters)
      .map((path) => [path, (this.#counts.get(path) ?? 0) + 1] as const);
    this.#counts = new Map(next);
    this.#seen.clear();
  }

  /** Whether a change of `path` may end the build that runs: else none would ever end by itself. */
  mayCancel(path: string): boolean {
    return (this.#counts.get(path) ?? 0) < patience;
  }

  /** How long to wait before the next build, in milliseconds, as users may be at it all the same. */
  pauseMs(): number {
    const most = Math.max(0, ...this.#counts.values());
    return most <= patience ? 0 : Math.min(longestMs, firstMs * 2 ** (most - patience - 1));
  }

  /** Paths that have changed too often, each once. */
  news(): string[] {
    const often = [...this.#counts].filter(([, count]) => count > patience);
    const fresh = often.map(([path]) => path).filter((path) => !this.#told.has(path));
    for (const path of fresh) this.#told.add(path);
    return fresh;
  }
}

/** Somebody who saves twice while builds run is nothing special. */
const patience = 2;
const firstMs = 1000;
const longestMs = 30_000;
