// What a stage does to its files, with all variables replaced. Knows no action.

import type { ImageMount } from "../action/image-root.ts";
import type { ImageConfig } from "./image-config.ts";

/** One change of a stage's files. */
export type Step = FilesStep | DirectoryStep | RunStep;

interface StepBase {
  /** As people know it, such as `COPY app /bin/`. */
  readonly text: string;
}

/** Puts files into the tree. */
export interface FilesStep extends StepBase {
  readonly kind: "files";
  /** Whether archives among the files of the context are unpacked. */
  readonly unpacks: boolean;
  readonly sources: readonly FileSource[];
  /** Absolute; a `/` at its end means a directory. */
  readonly destination: string;
  /** `user`, `user:group`, by name or number; absent: as in the source, root from the context. */
  readonly chown?: string;
  /** Octal, or as for chmod; absent: as in the source. */
  readonly chmod?: string;
  /** Patterns of what is left out, as in ignore files. */
  readonly excluded: readonly string[];
  readonly keepsParents: boolean;
  /** Whether it does not look at what the tree has. */
  readonly isLinked: boolean;
}

/** Where a file comes from. */
export type FileSource =
  /** Paths may be patterns; they begin at the context's root, or that of the tree. */
  | { readonly kind: "context"; readonly path: string; readonly keepsParents?: true }
  | { readonly kind: "tree"; readonly tree: TreeName; readonly path: string }
  | { readonly kind: "text"; readonly name: string; readonly text: string }
  | { readonly kind: "url"; readonly url: string; readonly checksum?: string }
  | { readonly kind: "git"; readonly url: string; readonly keepsGitDirectory: boolean };

/**
 * A tree that is made in the same build: by a stage, by its number; or an image's, by its name, with
 * the platform where that is another than the result's.
 */
export type TreeName =
  | { readonly kind: "stage"; readonly stage: number }
  | { readonly kind: "image"; readonly image: string }
  | { readonly kind: "scratch" };

/** Makes a directory, and those above it. */
export interface DirectoryStep extends StepBase {
  readonly kind: "directory";
  readonly path: string;
  /** Empty: root. */
  readonly owner: string;
}

/** Runs a program in the tree. */
export interface RunStep extends StepBase {
  readonly kind: "run";
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly directory: string;
  readonly user: string;
  readonly network: "default" | "none" | "host";
  readonly isPrivileged: boolean;
  readonly mounts: readonly RunMount[];
}

/** What a program sees besides the tree; targets are absolute. */
export type RunMount =
  | Exclude<ImageMount, { kind: "bind" | "cache" }>
  | (Omit<Extract<ImageMount, { kind: "cache" }>, "base"> & {
      /** What it begins with. */
      readonly base?: { readonly tree: TreeName; readonly source: string };
    })
  | {
      readonly kind: "bind";
      readonly target: string;
      /** `context`: the build context. */
      readonly tree: TreeName | { readonly kind: "context" };
      readonly source: string;
      readonly isWritable: boolean;
    };

/** A stage that the result needs, ready to be carried out. */
export interface PlannedStage {
  readonly number: number;
  readonly base: TreeName;
  readonly steps: readonly Step[];
  readonly config: ImageConfig;
}
