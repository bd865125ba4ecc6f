// Inputs whose place is asked for only when an action runs: most of the time its result is known.
// Classes, as an object of its own with an accessor is a slow dictionary to V8.

import { existsSync } from "node:fs";

import type { ExecPath } from "../action/action.ts";
import type { StagedBlob, StagedDirectory, StagedInput } from "../sandbox/staged-input.ts";
import { LostOutput } from "./lost-output.ts";

/** Gives an absolute path; undefined when what it leads to is gone. */
type Find = () => string | undefined;

/** A file of the CAS. */
export class LaterBlob implements StagedBlob {
  readonly kind = "blob";
  readonly path: ExecPath;
  readonly #find: Find;
  #found: string | undefined;

  constructor(path: ExecPath, find: Find) {
    this.path = path;
    this.#find = find;
  }

  /** Whether nothing is there any more. Looks once: to find it is to look at it. */
  isLost(): boolean {
    if (this.#found !== undefined) return !existsSync(this.#found);
    this.#found = this.#find();
    return this.#found === undefined;
  }

  /** Throws a LostOutput. */
  get file(): string {
    this.#found ??= this.#find();
    if (this.#found === undefined) throw new LostOutput(this.path);
    return this.#found;
  }
}

/** A tree of the CAS, which is laid out when it is asked for. */
export class LaterDirectory implements StagedDirectory {
  readonly kind = "directory";
  readonly path: ExecPath;
  readonly #find: Find;

  constructor(path: ExecPath, find: Find) {
    this.path = path;
    this.#find = find;
  }

  /** Throws a LostOutput. */
  get directory(): string {
    const directory = this.#find();
    if (directory === undefined) throw new LostOutput(this.path);
    return directory;
  }
}

/** `staged` at another path. */
export function stagedAt(staged: StagedInput, path: ExecPath): StagedInput {
  if (staged instanceof LaterBlob) return new LaterBlob(path, () => staged.file);
  if (staged instanceof LaterDirectory) return new LaterDirectory(path, () => staged.directory);
  return { ...staged, path };
}
