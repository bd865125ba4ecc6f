import type { ExecPath, ProgramAction, WithoutOwner } from "../action/action.ts";
import type { DockerfileExecutor } from "../rule/rule.ts";
import type { BuildChoice } from "./resolve.ts";

/** A Dockerfile to build, and where to. */
export interface DockerfileRequest {
  /** The rule set whose programs carry it out. */
  readonly ruleSet: string;
  /** As people know it. */
  readonly path: string;
  readonly dockerfile: ExecPath;
  /** What says which files of the context are none; absent: nothing does. */
  readonly ignoreFile?: ExecPath;
  readonly context: ExecPath;
  readonly choice: BuildChoice;
  /** Directories with OCI layouts, by the name of the image. */
  readonly images: Readonly<Record<string, ExecPath>>;
  /** The list of actions. */
  readonly actions: ExecPath;
  /** Where layers go. */
  readonly work: ExecPath;
  /** The whole file system, as tar; where `packing` can do without it, it is not made. */
  readonly tree: ExecPath;
  /** What is made of the file system; absent: nothing besides `tree`. */
  readonly packing?: LayerPacking;
  /** The config of the image, as JSON. */
  readonly config: ExecPath;
  /** Seconds since 1970, of all that is made. */
  readonly mtime: number;
  /** What carries it out; absent: the engine. */
  readonly executor?: DockerfileExecutor;
  /** What is known of the images that it begins with; absent: it was not asked yet. */
  readonly bases?: Readonly<Record<string, LayerPaths & { readonly config: ExecPath }>>;
  /** The same, for a builder that opens them itself. */
  readonly chosenBases?: Readonly<Record<string, ChosenBase>>;
}

/** An image that was found in its layout. */
export interface ChosenBase {
  readonly layout: ExecPath;
  readonly index: ExecPath;
  readonly config: ExecPath;
}

/**
 * A program that reads layers as they are, so that they need not be written as one tar first. It
 * gets them behind `args`, the lowest first; a tar of the whole is one layer.
 */
export interface LayerPacking {
  readonly mnemonic: string;
  /** With the name of its rule set. */
  readonly program: string;
  readonly version: number;
  readonly args: readonly string[];
  /** What it reads besides layers. */
  readonly inputs?: readonly ExecPath[];
  /**
   * Whether it takes images as they are: in place of the lowest layer, when that is all of an image,
   * it gets the directory of the OCI layout.
   */
  readonly takesImages?: boolean;
  readonly output: ExecPath;
}

/** A layer, and the names in it. */
export interface LayerPaths {
  readonly layer: ExecPath;
  readonly names: ExecPath;
  /** Of the image that it is all of; absent: it is of none. */
  readonly layout?: ExecPath;
}

/** What the program that copies is to do. */
export interface CopyWork {
  readonly output: LayerPaths;
  /** Names of the layers below. */
  readonly below: readonly ExecPath[];
  /** The layers below, where users are known by name; empty: nobody is. */
  readonly accounts: readonly ExecPath[];
  readonly mtime: number;
  readonly change: CopyChange;
}

/** A step, with its trees by their layers. */
export type CopyChange =
  | { readonly kind: "directory"; readonly path: string; readonly owner: string }
  | {
      readonly kind: "files";
      readonly unpacks: boolean;
      readonly sources: readonly CopySource[];
      readonly destination: string;
      readonly chown?: string;
      readonly chmod?: string;
      readonly excluded: readonly string[];
      readonly keepsParents: boolean;
    };

/** Where files come from. */
export type CopySource =
  | {
      readonly kind: "context";
      readonly context: ExecPath;
      readonly ignoreFile?: ExecPath;
      readonly path: string;
      readonly keepsParents?: true;
    }
  | { readonly kind: "tree"; readonly layers: readonly ExecPath[]; readonly path: string }
  | { readonly kind: "text"; readonly name: string; readonly text: string }
  /** What was fetched. */
  | { readonly kind: "file"; readonly file: ExecPath; readonly name: string }
  | {
      readonly kind: "directory";
      readonly directory: ExecPath;
      readonly keepsGitDirectory: boolean;
    };

/** The action that lists those that build the Dockerfile of `request`. */
export function dockerfileAction(request: DockerfileRequest): WithoutOwner<ProgramAction> {
  const { dockerfile, ignoreFile, bases = {}, chosenBases = {}, actions, path, ruleSet } = request;
  const known = [...Object.values(bases), ...Object.values(chosenBases)];
  const configs = known.map(({ config }) => config);
  return {
    kind: "program",
    mnemonic: "Dockerfile",
    subject: path,
    program: `${ruleSet}/dockerfile`,
    version: 3,
    args: [JSON.stringify(request)],
    inputs: [dockerfile, ...(ignoreFile === undefined ? [] : [ignoreFile]), ...configs],
    outputs: [actions],
    yields: actions,
  };
}
