// What GitHub calls files that diagnostics and compilers name: marks beside others are shown nowhere.

import { existsSync } from "node:fs";
import { posix } from "node:path";

import type { Host } from "../base/host.ts";
import { directoriesUpward, workspaceFileName } from "../workspace/root.ts";

/** By a path from the root of the workspace: the path in the checkout; undefined: it is not there. */
export type GithubFiles = (path: string) => string | undefined;

/** The files of the workspace that the user is in; undefined where this is no job of GitHub Actions. */
export function githubFilesOf({
  env,
  workingDirectory,
}: Pick<Host, "env" | "workingDirectory">): GithubFiles | undefined {
  if (env["GITHUB_ACTIONS"] !== "true") return undefined;
  const upward = directoriesUpward(workingDirectory);
  const isRoot = (at: string): boolean => existsSync(posix.join(at, workspaceFileName));
  const root = upward.find(isRoot) ?? workingDirectory;
  const checkout = env["GITHUB_WORKSPACE"] ?? root;
  return (path) => {
    const file = posix.resolve(root, path);
    const shown = posix.relative(checkout, file);
    // Components are elsewhere than actions see them, and what builds leave is nobody's source.
    const isOurs = !shown.startsWith("../") && !`/${shown}`.includes("/.kraft/");
    return isOurs && existsSync(file) ? shown : undefined;
  };
}
