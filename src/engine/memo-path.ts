import { existsSync } from "node:fs";
import { posix } from "node:path";

import type { Host } from "../base/host.ts";
import { digestOf } from "../digest/digest.ts";
import { workspaceFileName } from "../workspace/root.ts";
import type { BuildRequest } from "./build.ts";

/** The file of the memo of `request` in the workspace `root`. */
export function memoPathOf(request: BuildRequest, root: string): string {
  return posix.join(root, memoDirectory, digestOf(textOf(request)).slice(0, 32));
}

/** The file of the plan of `request` in the workspace `root`. */
export function planPathOf(request: BuildRequest, root: string): string {
  return posix.join(root, ".kraft/plan", digestOf(textOf(request)).slice(0, 32));
}

/**
 * Where a memo of `request` is if there is one, found without reading any file; undefined where
 * there never was a build. When it turns out to be of another workspace, its list of files tells.
 */
export function findMemo(request: BuildRequest): { path: string; root: string } | undefined {
  const directories = directoriesUpward(request.host.workingDirectory);
  const root =
    directories.find((at) => existsSync(posix.join(at, workspaceFileName))) ??
    directories.find((at) => existsSync(posix.join(at, memoDirectory)));
  return root === undefined ? undefined : { root, path: memoPathOf(request, root) };
}

const memoDirectory = ".kraft/memo";

/** All that decides what a build does, besides files. */
function textOf(request: BuildRequest) {
  const { host, choice, group, flags, configs, replacement, kraftLayout, engine } = request;
  const { workingDirectory, cpus, architecture } = host;
  const machine = [workingDirectory, cpus, architecture, environmentOf(host)];
  return JSON.stringify([engine, machine, choice, flags, configs, replacement, kraftLayout, group]);
}

function environmentOf({ env }: Pick<Host, "env">): string[] {
  const counts = (name: string): boolean =>
    /^(KRAFT_GRAPH_.*|XDG_.*|HOME|SOURCE_DATE_EPOCH|(KRAFTKIT_)?BUILDKIT_HOST)$/.test(name);
  return Object.keys(env)
    .filter(counts)
    .sort()
    .map((name) => `${name}=${env[name]}`);
}

function directoriesUpward(directory: string): string[] {
  const upward = [directory];
  for (let at = directory; at !== "/"; upward.push(at)) at = posix.dirname(at);
  return upward;
}
