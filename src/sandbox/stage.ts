// Puts inputs where an action will look for them. Starts nothing and knows no store.

import type { ExecPath } from "../action/action.ts";
import { isExecPath } from "../action/exec-path.ts";
import { pathBelow } from "../base/path-below.ts";
import { BlobWatch, type SharedLink } from "./blob-watch.ts";
import { type InputTree, type InputTreeOptions, openInputTree } from "./input-tree.ts";
import type { StagedBlob, StagedInput } from "./staged-input.ts";

/** An input root that is ready. */
export interface Staged {
  /** Directories that are to be mounted read-only; empty unless `isClosed`. */
  readonly mounts: readonly Mount[];
  /** Whether the places of all mounts were there before, so that what is mounted there still is. */
  readonly keepsMounts: boolean;
  /**
   * The directories that were made for inputs, outputs and mounts. To be asked only for an input
   * root of its own: one that goes on collects those of thousands of actions.
   */
  directories(): readonly ExecPath[];
  /** The inputs that are links whose file was altered since: through the input root, or beside. */
  changedInputs(): ExecPath[];
}

/** A directory of the user, absolute, and where it is to appear. */
export interface Mount {
  readonly directory: string;
  readonly path: ExecPath;
}

/** What to stage, and for what. */
export interface StageRequest {
  readonly inputs: readonly StagedInput[];
  /** Their directories are made; what stands at them is removed. */
  readonly outputs: readonly ExecPath[];
  /** Directories that are to be there, such as the working directory. */
  readonly directories?: readonly ExecPath[];
  /** As for a program; see `SandboxRequest`. */
  readonly ownTree?: boolean;
}

/** An input root that goes on from action to action. */
export interface Stage extends Pick<InputTree, "moveOut"> {
  /** Adds what is not there yet. Throws a MissingInputError or a StoreError. */
  add(request: StageRequest): Staged;
  /** Notes that the output `path` is now a link to the file `blob`. */
  stays(path: ExecPath, blob: string): void;
}

/**
 * Makes the directory `root`, absolute, into the input root of one action. With `isClosed`,
 * files of the user are copied and directories left to be mounted; else links lead to both.
 */
export function stageInputs(
  root: string,
  request: StageRequest,
  options: InputTreeOptions,
): Staged {
  return addTo(openInputTree(root, options), request, undefined);
}

/** An input root in the directory `root`, which is made when missing. */
export function openStage(root: string, options: InputTreeOptions): Stage {
  const tree = openInputTree(root, options);
  return {
    add: (request) => addTo(tree, request, root),
    moveOut: (path, entries, destination) => tree.moveOut(path, entries, destination),
    stays: (path, file) => tree.placed(path, { kind: "blob", path, file }),
  };
}

/** `sharedRoot`: the root of a tree that goes on from action to action. */
function addTo(tree: InputTree, request: StageRequest, sharedRoot: string | undefined): Staged {
  const { inputs, outputs, directories = [] } = request;
  const watch = new BlobWatch();
  // Directories first, the outer before the inner: what is named more exactly then takes its place.
  const outer = inputs.filter((input) => input.kind === "directory");
  outer.sort((a, b) => a.path.length - b.path.length);
  for (const input of outer) tree.place(checked(input.path), input);
  for (const input of inputs) {
    if (input.kind === "directory") continue;
    tree.place(checked(input.path), input);
    if (input.kind === "blob") watch.add(input, sharedLinkOf(input, tree, sharedRoot));
  }
  for (const copy of tree.shared()) watch.add(copy);
  for (const path of outputs) tree.clear(checked(path));
  for (const path of directories) tree.makeDirectory(checked(path));
  tree.finish();
  return {
    directories: () => tree.directories(),
    mounts: tree.mounts().map(([path, directory]) => ({ directory, path })),
    keepsMounts: tree.keepsMounts(),
    changedInputs: () => watch.changed(),
  };
}

function sharedLinkOf(
  blob: StagedBlob,
  tree: InputTree,
  root: string | undefined,
): SharedLink | undefined {
  if (root === undefined) return undefined;
  return { path: pathBelow(root, blob.path), restore: () => tree.restore(blob.path, blob) };
}

/** Nothing may be put outside the root, and least of all removed there. */
function checked(path: ExecPath): ExecPath {
  if (path !== "." && !isExecPath(path))
    throw new Error(`bug: ${path} is no path below an input root`);
  return path;
}
