// Input root → directory → program → outputs. Knows no store, no graph and no cache.

import type { ExecPath } from "../action/action.ts";
import type { ImageBuild } from "../action/image-build.ts";
import type { Host } from "../base/host.ts";
import type { ImageCommand, ImagePlaces } from "./image-run.ts";
import type { BuilderPlaces } from "./image-builder.ts";
import { DiskSandbox } from "./disk-sandbox.ts";
import type { DirectoryEntries } from "./input-tree.ts";
import type { SandboxChoice, SandboxKind } from "./sandbox-choice.ts";
import type { Exit } from "./shell-slot.ts";
import type { StageRequest } from "./stage.ts";
import type { StagedInput } from "./staged-input.ts";

/** Where and how a build runs its actions. */
export interface SandboxOptions {
  /** `auto`: bubblewrap where it works, else `links`. */
  readonly kind: SandboxKind | "auto";
  /** How many programs run at once. */
  readonly slots: number;
  /** Absolute, on the file system of the workspace; builds may share it. Made when missing. */
  readonly directory: string;
  /** Absolute; its files have their own paths as inputs. Absent: nothing is known of such files. */
  readonly workspace?: string;
  /** PATH of every action: absolute directories with ":" between them. */
  readonly path: string;
  /** Given to every action as SOURCE_DATE_EPOCH; absent: actions do not get one. */
  readonly sourceDateEpoch?: number;
  /** Hears once of what was decided, as soon as it is; absent: nobody. */
  readonly chosen?: (choice: SandboxChoice) => void;
  /** How long a cancelled program has between SIGTERM and SIGKILL; absent: 5 s. */
  readonly graceMs?: number;
  /** For programs that run in trees of layers; absent: none does. */
  readonly imagePlaces?: ImagePlaces;
  /** For programs that build Dockerfiles; absent: none does. */
  readonly builderPlaces?: BuilderPlaces;
  readonly host: Pick<Host, "now" | "epochMs" | "processId" | "kill">;
}

/** A program to run, and what it is to see. */
export interface SandboxRequest {
  readonly argv: readonly [program: string, ...args: string[]];
  /** Goes before what the sandbox itself sets: PATH, HOME, TMPDIR, LC_ALL, LANG and TZ. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory, which is made when missing; absent: the input root. */
  readonly cwd?: ExecPath;
  readonly inputs: readonly StagedInput[];
  readonly outputs: readonly ExecPath[];
  readonly network: boolean;
  /** Whether even in `none` it gets a tree for itself; absent: no. */
  readonly ownTree?: boolean;
  /** As for a command: whether it may run in a sandbox in which others did; absent: no. */
  readonly sharesSandbox?: boolean;
  /** The tree of layers that it runs in; absent: the machine. */
  readonly image?: Pick<ImageCommand, "root" | "layerNames">;
  /** What it builds of a Dockerfile, by a program of the machine; absent: `argv` is run. */
  readonly build?: ImageBuild;
}

/** An input root on disk. */
export interface SandboxTree {
  /** Absolute; inputs and outputs are below it. */
  readonly root: string;
  /** The inputs of kind `blob` whose file in the CAS was altered since. */
  changedInputs(): readonly ExecPath[];
  /**
   * To be told that the output `path` is now a link to `blob`, the absolute path of a read-only
   * file: it stays for other actions. Absent: nothing of it stays.
   */
  readonly stays?: (path: ExecPath, blob: string) => void;
  /**
   * Whether an absolute path, to which an output leads, is one of the workspace's or of a sandbox's,
   * where another build has something else or nothing. Absent: nobody has to know.
   */
  readonly isOnlyHere?: (target: string) => boolean;
  /**
   * Takes everything out of it, unless it was kept; to be called once all of it has been read.
   * In `none` the tree stays for other actions.
   */
  dispose(): void;
}

/** A program that is over. */
export interface SandboxRun extends SandboxTree {
  /** Never throws its way out: a program that cannot be started is `not-started`. */
  readonly exit: Exit;
  /** Absolute, and there whatever happened. */
  readonly stdoutFile: string;
  readonly stderrFile: string;
  /** Whether both are known to be empty. */
  readonly isSilent: boolean;
  readonly wallMs: number;
  /**
   * Moves the sandbox to where it stays after the build, until some twenty later ones were kept.
   * `root` and the files of its output are no longer where they were.
   */
  keep(): KeptSandbox;
}

/** A sandbox for the user to look into. */
export interface KeptSandbox {
  /** Absolute. */
  readonly directory: string;
  /** One line of shell that runs the program again, there; undefined when there is no program. */
  readonly command: string | undefined;
}

/** Runs programs so that they see their inputs and little else. */
export interface Sandbox {
  /** What it turned out to be; finds out when first asked. */
  choice(): Promise<SandboxChoice>;
  /** When `signal` aborts, the program ends with all it started. Throws a StoreError. */
  run(request: SandboxRequest, signal: AbortSignal): Promise<SandboxRun>;
  /** An input root for a program within the engine. Throws a MissingInputError or a StoreError. */
  stage(request: StageRequest): SandboxTree;
  /**
   * Renames the directory of outputs `path`, which must hold nothing but what `entries` says, to the
   * absolute `destination`, where nothing is: cheaper than making another. False when it cannot be
   * done, as only in `none` anything stays; then all is as it was.
   */
  moveOut(path: ExecPath, entries: DirectoryEntries, destination: string): boolean;
  /** Kills what still runs, and removes what was not kept. */
  close(): Promise<void>;
}

/** A sandbox, and an end to those of builds that died. Starts nothing yet. */
export function openSandbox(options: SandboxOptions): Sandbox {
  return new DiskSandbox(options);
}
