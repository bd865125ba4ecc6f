// Files of the machine that compilers read, or looked for and did not find. Knows no cache.

import { posix } from "node:path";

import type { CompileAction, ExecPath } from "../action/action.ts";
import type { Inputs } from "./inputs.ts";
import type { ReadSet } from "./records.ts";
import { textOf } from "./state-of.ts";

/** Where `action` looked outside of what it was given, when it read `reads`: absolute paths. */
export function machinePathsOf(
  { searchPath }: Pick<CompileAction, "searchPath">,
  { files, searches }: ReadSet,
): Iterable<string> {
  const isOutside = (path: ExecPath): boolean => path.startsWith("/");
  const paths = new Set<string>(files.filter(isOutside));
  const directories = searchPath.filter(isOutside);
  for (const { name, directory } of searches) {
    if (isOutside(name)) paths.add(posix.normalize(name));
    else {
      for (const top of directories) paths.add(posix.join(top, name));
      if (directory !== undefined && isOutside(directory)) paths.add(posix.join(directory, name));
    }
  }
  return paths;
}

/** What stands at the absolute `path`, as text; that of no file is empty. */
export function machineFact(path: string, inputs: Inputs): string {
  // Most are absent, which listings tell of sooner.
  const node = inputs.isFile(path) ? inputs.nodeAt(path) : undefined;
  return node === undefined ? "" : textOf(node);
}
