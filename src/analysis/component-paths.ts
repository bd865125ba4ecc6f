import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { digestOf } from "../digest/digest.ts";
import type { ComponentOrigin } from "../rule/rule.ts";
import { componentRoot } from "./exec-path.ts";

/** Gives each component a path that is the same on every machine. */
export interface ComponentPaths {
  readonly pathOf: (use: ComponentUse) => ExecPath;
  /** Directories outside the workspace, absolute, by their path. */
  readonly outside: ReadonlyMap<ExecPath, string>;
}

/** A package's use of a component. */
interface ComponentUse {
  readonly name: string;
  readonly origin: ComponentOrigin;
  readonly packagePath: string;
}

/**
 * Paths for components: that of the directory itself inside the workspace; of what an action makes,
 * `external/<name>~<8 hex of its identity>`, which is the same whatever else is asked for; of a
 * directory elsewhere, `external/<name>`, with `~2` and so on behind it where packages mean
 * different ones by one name. It must not show where that is, as it differs between machines.
 */
export function newComponentPaths(workspaceRoot: string): ComponentPaths {
  const outside = new Map<ExecPath, string>();
  const taken = new Map<ExecPath, string>();
  return {
    outside,
    pathOf: ({ name, origin, packagePath }) => {
      if (origin.kind === "action") return madePath(name, origin.identity);
      const inside = insideWorkspace(workspaceRoot, packagePath, origin.directory);
      if (!inside.startsWith("/")) return inside;
      const path = numbered(taken, name, inside);
      outside.set(path, inside);
      return path;
    },
  };
}

/** The path of `directory` in the workspace, or its absolute path outside. */
function insideWorkspace(workspaceRoot: string, packagePath: string, directory: string): string {
  // Without a trailing slash, as `/x` and `/x/` must not make two components of one directory.
  const absolute = posix.resolve(workspaceRoot, packagePath, directory);
  const relative = posix.relative(workspaceRoot, absolute);
  return relative === ".." || relative.startsWith("../")
    ? absolute
    : relative === ""
      ? "."
      : relative;
}

/** Were two identities to share the digits, their actions would be told to be in conflict. */
function madePath(name: string, identity: string): ExecPath {
  return `${componentRoot}/${name}~${digestOf(identity).slice(0, 8)}`;
}

/** The name of the component at `path`, whichever of that name it is. */
export function componentNameAt(path: ExecPath): string {
  return posix.basename(path).replace(/~(?:[\da-f]{8}|\d+)$/, "");
}

function numbered(taken: Map<ExecPath, string>, name: string, meaning: string): ExecPath {
  for (let number = 1; ; number++) {
    const path = `${componentRoot}/${name}${number === 1 ? "" : `~${number}`}`;
    const holder = taken.get(path);
    if (holder !== undefined && holder !== meaning) continue;
    taken.set(path, meaning);
    return path;
  }
}
