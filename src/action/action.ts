// What is to be run, as data. Knows no process, no disk and no store.

import type { Label } from "../label/label.ts";
import type { ImageBuild } from "./image-build.ts";
import type { ImageRoot } from "./image-root.ts";
import type { RemoteSource } from "./remote-source.ts";

/**
 * A path inside an action's input root, "/" separated and relative: a workspace file under its own
 * path, `external/<component>/…`, or an output under `.kraft/out/<package>/<target>/…`.
 */
export type ExecPath = string;

/** The part of every action that does not depend on what carries it out. */
interface ActionBase {
  /** Short kind of work as `CC` or `Rootfs`, in Bazel's sense. */
  readonly mnemonic: string;
  /** The target that asked for it. */
  readonly owner: Label;
  /** What it works on, for progress lines; absent: its first output. */
  readonly subject?: string;
  /** Files and directories it may read, and nothing else. A directory counts with all below it. */
  readonly inputs: readonly ExecPath[];
  /** Files or directories that it must leave. No other action has one of these, or one below. */
  readonly outputs: readonly [ExecPath, ...ExecPath[]];
  /**
   * One of `outputs` that lists further actions as JSON (see `yielded.ts`): they join the graph
   * when this action is done. Absent: it yields none.
   */
  readonly yields?: ExecPath;
  /**
   * Inputs whose permission bits matter, not just whether they are executable: directories whose
   * modes end up in an output. Each must be one of `inputs`.
   */
  readonly modesOf?: readonly ExecPath[];
  /**
   * Parts of input directories that it does not get to see, by directory, in the syntax of
   * .gitignore: a change there concerns it not. `.git`, `.kraft` and `.unikraft` are always left out.
   */
  readonly without?: Readonly<Record<ExecPath, readonly string[]>>;
  /** Of inputs, the directory that symbolic links on the way to them must not lead out of. */
  readonly within?: Readonly<Record<ExecPath, ExecPath>>;
  /**
   * Directories that it sees under another path: what is below the name is seen below the value,
   * and all else in the action is said in terms of that. So actions of different targets can be
   * the same one. Of several that fit a path the deepest counts.
   */
  readonly mounts?: Readonly<Record<ExecPath, ExecPath>>;
  /** What it takes from a pool while it runs; absent: one unit of `cpu`. */
  readonly resources?: Resources;
}

/** Units of each named pool, such as `{cpu: 2}`; `cpu`, `memory` (MiB), `network`, `console`. */
export type Resources = Readonly<Record<string, number>>;

/** Runs a program of the machine in a sandbox. */
export interface CommandAction extends ActionBase {
  readonly kind: "command";
  readonly argv: Argv;
  /** The whole environment but PATH, HOME, TMPDIR and locale, which the sandbox fixes. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Programs of the machine whose identity (version and digest) is part of the key. A name with
   * a trailing `?` may be absent, which is then part of the key.
   */
  readonly tools: readonly string[];
  /** For what no {@link FetchAction} can fetch. */
  readonly network?: boolean;
  /**
   * Whether it leaves nothing behind but files, as compilers and linkers do: in bubblewrap it may run
   * where another such did, which takes less time. Absent: no. Not part of the key.
   */
  readonly sharesSandbox?: boolean;
  /** The tree it runs in; absent: its input root, on this machine. */
  readonly root?: ImageRoot;
  /** What it builds of a Dockerfile, its only tool being the builder; absent: `argv` is run. */
  readonly build?: ImageBuild;
}

/**
 * Compiles one file in two steps, of which the first gives all that the second reads: what
 * preprocessing gives decides about the object, and not by which options and headers it came about.
 * Paths in it are those that it sees; only `inputs` and `outputs` are those of the graph.
 */
export interface CompileAction extends ActionBase {
  readonly kind: "compile";
  /** Leaves `text` and `depfile`. It may read what is in `inputs`, but depends on what it read. */
  readonly preprocess: Argv;
  /** Leaves the only output, from `text`. Absent: `text` is the output. */
  readonly compile?: Argv;
  readonly text: ExecPath;
  /** What preprocessing read, as compilers tell make. */
  readonly depfile: ExecPath;
  /** Where included files are looked for, in order. */
  readonly searchPath: readonly ExecPath[];
  /** Headers of plain `#define` lines: of each only the macros count that other files mention. */
  readonly options?: OptionHeader;
  /** As for a command. */
  readonly env: Readonly<Record<string, string>>;
  readonly tools: readonly string[];
}

/** A header that says which options are set, one on each line. */
export interface OptionHeader {
  readonly header: ExecPath;
  /** Of the names of all macros in it, such as `CONFIG_`. */
  readonly prefix: string;
}

/** A program and its arguments. The first is looked up on PATH unless it has a slash. */
export type Argv = readonly [program: string, ...args: string[]];

/** Runs a program that a rule set brings along, inside the engine. */
export interface ProgramAction extends ActionBase {
  readonly kind: "program";
  /** `<rule set>/<name>`, as registered by the rule set. */
  readonly program: string;
  /** Of the program; a new one makes new keys. */
  readonly version: number;
  /** A digest of all code of a rule set that does not come with the engine; part of the key. */
  readonly code?: string;
  readonly args: readonly string[];
  /**
   * Where in files of users stands what the program may complain about, as people read it, by the
   * names that it has in a `ProgramError`. No part of the key: a line above makes no other result.
   */
  readonly places?: Readonly<Record<string, string>>;
}

/** Writes a small file that analysis made up, such as a configuration. */
export interface WriteAction extends ActionBase {
  readonly kind: "write";
  /** UTF-8 on disk. */
  readonly text: string;
  readonly executable?: boolean;
}

/** Brings what is not in the workspace; of all actions it alone may reach the network. */
export interface FetchAction extends ActionBase {
  readonly kind: "fetch";
  /** Not pinned: what the lock file says, else what it stands for just now. */
  readonly source: RemoteSource;
}

/** One step of a build. Equal actions on equal inputs give equal outputs, so results are cached. */
export type Action = CommandAction | CompileAction | ProgramAction | WriteAction | FetchAction;

/** `Action` less what the engine fills in. */
export type WithoutOwner<A> = A extends unknown ? Omit<A, "owner"> : never;

/** Names an action within a build: its first output, as no two actions share one. */
export function actionId(action: Action): ExecPath {
  return action.outputs[0];
}
