// What a build looked at, and whether a change is one of that.

import { posix } from "node:path";

import { type Follower, type PathChange, targetsOf } from "./follower.ts";

/** Where directories are watched. */
export interface DirectoryWatch {
  /** Sees to it that changes in `directory` are told from now on; of one that is not there, its coming. */
  readonly watch: (directory: string) => void;
}

/** All paths that one build looked at, each watched before it was. */
export class FollowedPaths implements Follower {
  readonly #watch: DirectoryWatch;
  readonly #paths = new Set<string>();
  readonly #listed = new Set<string>();
  /** Symbolic links that were looked at, by what they lead to. */
  readonly #links = new Map<string, readonly string[]>();
  /** Directories that hold any of the above. */
  readonly #directories = new Set<string>();

  constructor(watch: DirectoryWatch) {
    this.#watch = watch;
  }

  /** Whether somebody looked at `path` itself. */
  has(path: string): boolean {
    return this.#paths.has(path);
  }

  get size(): number {
    return this.#paths.size + this.#listed.size;
  }

  readonly followPath = (path: string): void => {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    this.#watchDirectory(posix.dirname(path));
    this.#followLinks(path);
  };

  readonly followEntries = (directory: string): void => {
    if (this.#listed.has(directory)) return;
    this.#listed.add(directory);
    this.#watchDirectory(directory);
    this.followPath(directory);
  };

  /** Directories that have to be watched for this. */
  directories(): ReadonlySet<string> {
    return this.#directories;
  }

  /** Whether `change` is of something that was looked at. */
  isTouchedBy({ path, kind }: PathChange): boolean {
    if (this.#paths.has(path)) return true;
    if (kind === "content") return false;
    // A directory that holds what was looked at, or one in which names were listed.
    return this.#directories.has(path) || this.#listed.has(posix.dirname(path));
  }

  /** `changes`, and those of links that lead to what changed. */
  withLinks(changes: readonly PathChange[]): readonly PathChange[] {
    if (this.#links.size === 0) return changes;
    return changes.flatMap((change) => [
      change,
      ...(this.#links.get(change.path) ?? []).map((path) => ({ ...change, path })),
    ]);
  }

  /**
   * Follows links among `changes` to where they lead now; where they led is followed as before.
   * Gives what {@link withLinks} does from then on.
   */
  lookAgain(changes: readonly PathChange[]): readonly PathChange[] {
    for (const { path, kind } of this.withLinks(changes)) {
      if (this.#paths.has(path)) this.#followLinks(path);
      if (kind !== "tree") continue;
      const below = [...this.#paths].filter((one) => one.startsWith(`${path}/`));
      for (const one of below) this.#followLinks(one);
    }
    return this.withLinks(changes);
  }

  #followLinks(path: string): void {
    for (const target of targetsOf(path)) {
      const known = this.#links.get(target) ?? [];
      if (!known.includes(path)) this.#links.set(target, [...known, path]);
      this.#paths.add(target);
      this.#watchDirectory(posix.dirname(target));
    }
  }

  #watchDirectory(directory: string): void {
    if (this.#directories.has(directory)) return;
    this.#directories.add(directory);
    this.#watch.watch(directory);
  }
}
