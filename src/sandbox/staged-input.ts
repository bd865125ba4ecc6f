// What an action is to see, as data. Touches no disk.

import type { ExecPath } from "../action/action.ts";

/** Something that stands at `path` in the input root. */
export type StagedInput = StagedBlob | StagedSource | StagedDirectory | StagedSymlink;

/** A file of the CAS. */
export interface StagedBlob {
  readonly kind: "blob";
  readonly path: ExecPath;
  /** The absolute path of a read-only file, which is not to change. */
  readonly file: string;
  /** Whether it is gone, for who knows without another look; absent: the disk says. */
  readonly isLost?: () => boolean;
}

/** A file of the user. */
export interface StagedSource {
  readonly kind: "source";
  readonly path: ExecPath;
  /** Absolute. */
  readonly file: string;
}

/** A directory of the user, with all below it. */
export interface StagedDirectory {
  readonly kind: "directory";
  readonly path: ExecPath;
  /** Absolute. */
  readonly directory: string;
  /** Paths below the directory that are left out, with all below them. Absent: none. */
  readonly hidden?: readonly string[];
}

/** A symbolic link, which is made as it is. */
export interface StagedSymlink {
  readonly kind: "symlink";
  readonly path: ExecPath;
  /** The text of the link. */
  readonly target: string;
}

/** An input that is not where it was said to be: the action cannot run. */
export class MissingInputError extends Error {
  override readonly name = "MissingInputError";
  readonly path: ExecPath;

  /** `file` is where it was looked for. */
  constructor(path: ExecPath, file: string) {
    super(`the input ${path} is gone: there is no ${file}`);
    this.path = path;
  }
}
