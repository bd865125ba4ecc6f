import { posix } from "node:path";

import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { FileView } from "./files.ts";

/** The file that makes a directory the root of a workspace. */
export const workspaceFileName = "kraft.workspace.yaml";

/** Where a workspace is, or that there is none. */
export type RootResult =
  /** `root` has the workspace file. */
  | { readonly kind: "workspace"; readonly root: string }
  /** Without one, `root` is the nearest directory with a build file, and the only package. */
  | { readonly kind: "single package"; readonly root: string }
  | { readonly kind: "none"; readonly diagnostic: Diagnostic };

/**
 * The workspace of the absolute path `directory`: the nearest one upward that has a workspace
 * file, else a build file by one of the names `buildFiles`.
 */
export function findWorkspaceRoot(
  directory: string,
  { files, buildFiles }: { files: Pick<FileView, "kindOf">; buildFiles: readonly string[] },
): RootResult {
  const hasFile = (at: string, name: string): boolean =>
    files.kindOf(posix.join(at, name)) === "file";
  const upward = directoriesUpward(directory);
  const root = upward.find((at) => hasFile(at, workspaceFileName));
  if (root !== undefined) return { kind: "workspace", root };
  const only = upward.find((at) => buildFiles.some((name) => hasFile(at, name)));
  if (only !== undefined) return { kind: "single package", root: only };
  return {
    kind: "none",
    diagnostic: {
      severity: "error",
      code: "no-workspace",
      message: `no ${workspaceFileName} and no build file in ${directory} or above it`,
      help: `put a ${workspaceFileName} with "version: 1" into the root of your repository`,
    },
  };
}

/** `directory` and all that hold it, nearest first. */
export function directoriesUpward(directory: string): string[] {
  const upward = [posix.resolve("/", directory)];
  for (let at = upward[0]!; at !== "/"; upward.push(at)) at = posix.dirname(at);
  return upward;
}
