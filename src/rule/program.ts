import type { ExecPath } from "../action/action.ts";

/** Work that the engine does itself, so that it needs no tool on the machine. */
export interface Program {
  /** Actions name it `<rule set>/<name>`. */
  readonly name: string;
  /** Raised whenever the same arguments and inputs would give other outputs. */
  readonly version: number;
  /**
   * Reads its inputs and writes its outputs, both below `context.root`. Throw a
   * {@link ProgramError} for what is the user's to mend; it fails the action with its message.
   */
  readonly run: (args: readonly string[], context: ProgramContext) => Promise<void>;
}

/** What a program may touch. */
export interface ProgramContext {
  /** The absolute path of the input root. Inputs may be symbolic links to read-only files. */
  readonly root: string;
  /** The absolute path of `path`. */
  readonly resolve: (path: ExecPath) => string;
  /** Prints a line to the user, and again whenever the cached result is used. */
  readonly print: (line: string) => void;
  /**
   * Unpacks the archive (tar of any compression, or zip) to the new directory `into`: what is in its
   * only directory, else all that is in it. Both are absolute. Throws a {@link ProgramError}.
   */
  readonly unpack: (archive: string, into: string) => Promise<void>;
  /** Writes what the compressed file `file` holds to the file `into`; both are absolute. As `unpack`. */
  readonly decompress: (file: string, into: string) => Promise<void>;
  /**
   * Makes `into`, where nothing is, a copy of the directory `from`; both are absolute. The files of which
   * `isEmpty` says so, by their path below it and their size, are empty there. Relative symbolic links
   * stay what they are; an absolute one is the sandbox's, and stands for what it leads to. An output that
   * is made so may be in the store at once, and not there to be looked at.
   */
  readonly copyTree: (from: string, into: string, isEmpty: IsEmpty) => void;
  readonly signal: AbortSignal;
}

/** Whether a file of a directory that is copied is to be empty. */
export type IsEmpty = (path: string, sizeBytes: number) => boolean;

/** A failure that is the user's to mend, as a name too long for the archive's format. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  /** Which of the `places` of its action is at fault; undefined: none, or nobody knows. */
  readonly place: string | undefined;

  constructor(message: string, { place }: { readonly place?: string } = {}) {
    super(message);
    this.place = place;
  }
}
