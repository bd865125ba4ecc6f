import type { ExecPath } from "../action/action.ts";

/** What changed since a revision. */
export interface ChangedFiles {
  /** Files, submodules, and directories that are gone. */
  readonly paths: readonly ChangedPath[];
  /** What all targets depend on has changed, such as kraft.workspace.yaml. */
  readonly isAll: boolean;
}

/** A path of the graph at which something else stands than before. */
export interface ChangedPath {
  readonly path: ExecPath;
  /** Whether it was not there before, or is not there any more. */
  readonly isNewOrGone: boolean;
}

/** Whether something at a path, below it, or above it is among `paths`. */
export function touchedBy(paths: Iterable<ExecPath>): (path: ExecPath) => boolean {
  const exact = new Set(paths);
  const above = new Set<ExecPath>();
  for (const path of exact) {
    for (const directory of directoriesAbove(path)) above.add(directory);
  }
  const isBelow = new Map<ExecPath, boolean>();
  const isInside = (directory: ExecPath): boolean => {
    const known = isBelow.get(directory);
    if (known !== undefined) return known;
    const answer =
      exact.has(directory) || directoriesAbove(directory).some((one) => exact.has(one));
    isBelow.set(directory, answer);
    return answer;
  };
  return (path) => exact.has(path) || above.has(path) || isInside(directoryOf(path));
}

/** The directory that holds `path`; `.` for the root, and for what it holds. */
export function directoryOf(path: ExecPath): ExecPath {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash);
}

function directoriesAbove(path: ExecPath): ExecPath[] {
  const above: ExecPath[] = [];
  for (let at = path; at !== "."; ) above.push((at = directoryOf(at)));
  return above;
}
