// Changes on the disk, by the names that actions have for what changed.

import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import type { PathChange } from "../watch/follower.ts";
import { nodeDisk } from "../workspace/disk.ts";

/** What changed, as actions name it. */
export interface Touched {
  readonly changed: ReadonlySet<ExecPath>;
  /** Directories that hold any of these. */
  readonly above: ReadonlySet<ExecPath>;
  /** Names that came or went: a search for one of them may lead elsewhere now. */
  readonly names: ReadonlySet<string>;
  /** The absolute paths at which they did. */
  readonly entries: readonly string[];
  /** Directories that came to be. */
  readonly fresh: readonly ExecPath[];
}

/** Where actions see what is on the disk. */
export interface Places {
  /** Absolute. */
  readonly workspaceRoot: string;
  /** Absolute directories outside the workspace, by the path under which actions see them. */
  readonly components: ReadonlyMap<ExecPath, string>;
}

/** What `changes` come to for actions. */
export function touchedBy(changes: readonly PathChange[], places: Places): Touched {
  const changed = new Set(changes.flatMap(({ path }) => execPathsOf(path, places)));
  const above = new Set<ExecPath>();
  for (const path of changed) addAbove(path, above);
  const entries = changes.filter(({ kind }) => kind !== "content").map(({ path }) => path);
  return {
    changed,
    above,
    names: new Set(entries.map((path) => posix.basename(path))),
    entries,
    fresh: entries
      .filter((path) => nodeDisk.stat(path)?.kind === "directory")
      .flatMap((path) => execPathsOf(path, places)),
  };
}

/** Every name that actions may have for the absolute path `path`. */
function execPathsOf(path: string, { workspaceRoot, components }: Places): ExecPath[] {
  const inside = belowOf(path, workspaceRoot);
  const mounted = [...components].flatMap(([at, directory]) => {
    const below = belowOf(path, directory);
    return below === undefined ? [] : [posix.join(at, below)];
  });
  return [...(inside === undefined ? [] : [inside]), ...mounted, path];
}

/** `path` from `directory`; undefined when it is elsewhere. */
function belowOf(path: string, directory: string): string | undefined {
  if (path === directory) return ".";
  return path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : undefined;
}

function addAbove(path: ExecPath, above: Set<ExecPath>): void {
  for (let at = posix.dirname(path); ; at = posix.dirname(at)) {
    if (above.has(at)) return;
    above.add(at);
    if (at === "." || at === "/") return;
  }
}
