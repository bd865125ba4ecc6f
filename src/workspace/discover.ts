// Directories → packages. Knows build files by their names only.

import { posix } from "node:path";

import type { FileView } from "./files.ts";
import { type IgnoreStack, ignoreFileName, ignoresNothing } from "./ignore-stack.ts";
import { packageFilter } from "./package-filter.ts";
import { workspaceFileName } from "./root.ts";

/** A directory with build files. */
export interface PackageDirectory {
  /** As in labels: "/" separated, from the workspace root. */
  readonly path: string;
  /** Names, in the order in which the rule sets give them. */
  readonly buildFiles: readonly string[];
}

/** What `discoverPackages` looks through. */
export interface Discovery {
  /** Absolute. */
  readonly root: string;
  readonly files: FileView;
  /** Names of build files. */
  readonly buildFiles: readonly string[];
  /** Whether the file `name` at an absolute path is a build file; absent: every one is. */
  readonly isBuildFile?: (name: string, path: string) => boolean;
  /** The globs of `packages`; see {@link packageFilter}. */
  readonly globs: readonly string[];
}

/** Directories that hold no packages: of version control, of other tools, and of our outputs. */
const skipped = new Set([".git", "node_modules", ".kraft", ".unikraft"]);

/**
 * Every package of the workspace, by path. Passed over are {@link skipped} directories, what a
 * `.kraftignore` excludes (which has the form of a .gitignore, and may be in any directory),
 * what `globs` leave out, links to directories (which could lead around in circles), and
 * directories that are workspaces of their own.
 */
export function discoverPackages({
  root,
  files,
  buildFiles,
  isBuildFile = () => true,
  globs,
}: Discovery): PackageDirectory[] {
  const filter = packageFilter(globs);
  const packages: PackageDirectory[] = [];
  const pending = [{ path: "", ignores: ignoresNothing }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { path } = next;
    const entries = files.entries(posix.join(root, path));
    if (path !== "" && entries.has(workspaceFileName)) continue;
    const ignores = entries.has(ignoreFileName)
      ? next.ignores.with(path, files.read(posix.join(root, path, ignoreFileName)) ?? "")
      : next.ignores;
    const present = buildFiles.filter((name) => {
      if (!entries.has(name)) return false;
      const file = below(path, name);
      if (files.kindOf(posix.join(root, file)) !== "file") return false;
      return !ignores.excludes(file, "file") && isBuildFile(name, posix.join(root, file));
    });
    if (present.length > 0 && filter.includes(path)) packages.push({ path, buildFiles: present });
    for (const { name, kind } of entries.values()) {
      if (kind !== "directory" || skipped.has(name)) continue;
      const directory = below(path, name);
      if (filter.mayHoldPackages(directory) && !ignores.excludes(directory, "directory")) {
        pending.push({ path: directory, ignores });
      }
    }
  }
  return packages.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** True when a package at `path` would be passed over by what users can change: for help texts. */
export function isLeftOut(
  path: string,
  { root, files, globs }: Pick<Discovery, "root" | "files" | "globs">,
): boolean {
  if (!packageFilter(globs).includes(path)) return true;
  let ignores: IgnoreStack = ignoresNothing;
  const segments = path === "" ? [] : path.split("/");
  return segments.some((_, index) => {
    const above = segments.slice(0, index).join("/");
    const file = posix.join(root, above, ignoreFileName);
    if (files.kindOf(file) === "file") ignores = ignores.with(above, files.read(file) ?? "");
    return ignores.excludes(segments.slice(0, index + 1).join("/"), "directory");
  });
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}
