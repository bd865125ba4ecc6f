import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { type Label, partsOf } from "../label/label.ts";

/** Where the outputs of every target are, below the workspace root. */
export const outputRoot = ".kraft/out";

/** Where actions see components that are not in the workspace. */
export const componentRoot = "external";

/** The directory of the outputs of the target `label`, which no other target shares. */
export function outputDirectoryOf(label: Label): ExecPath {
  const { packagePath, name } = partsOf(label);
  return [outputRoot, packagePath, name].filter((part) => part !== "").join("/");
}

/**
 * The path of `path`, given from the directory of `packagePath`. One that leaves the workspace
 * keeps its leading `..`, which no action may have as an input.
 */
export function sourcePathOf(packagePath: string, path: string): ExecPath {
  const joined = posix.normalize(posix.join(packagePath, path));
  return joined.length > 1 && joined.endsWith("/") ? joined.slice(0, -1) : joined;
}
