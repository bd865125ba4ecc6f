import type { Follower } from "../watch/follower.ts";

/** Everything that a build looked at besides build files: for its memo, and for whoever follows. */
export class WatchedPaths {
  readonly #all = new Set<string>();
  readonly #follower: Follower | undefined;

  constructor(follower?: Follower) {
    this.#follower = follower;
  }

  /** Absolute paths. */
  all(): Iterable<string> {
    return this.#all;
  }

  /** Forgets all of them: the follower has them. */
  release(): void {
    this.#all.clear();
  }

  /** To be called before `path` is looked at. */
  addPath(path: string): void {
    if (this.#all.has(path)) return;
    this.#all.add(path);
    this.#follower?.followPath(path);
  }

  /** To be called before the names in `directory` are listed. */
  addEntries(directory: string): void {
    this.#all.add(directory);
    this.#follower?.followEntries(directory);
  }
}
