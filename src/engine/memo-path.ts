import { existsSync } from "node:fs";
import { posix } from "node:path";

import type { Host } from "../base/host.ts";
import { smallSha256 } from "../digest/small-sha256.ts";
import { workspaceFileName } from "../workspace/root.ts";
import type { BuildRequest } from "./build.ts";

/** Where the memo of a request is, and what tells it from those of all others. */
export interface MemoPlace {
  /** The workspace. */
  readonly root: string;
  readonly path: string;
  /** A digest of what was asked for, in which passwords may be: of remotes, and in the environment. */
  readonly request: string;
}

/** The place of the memo of `request` in the workspace `root`. */
export function memoPlaceOf(request: BuildRequest, root: string): MemoPlace {
  const digest = smallSha256(requestText(request));
  return { root, path: posix.join(root, memoDirectory, digest.slice(0, 32)), request: digest };
}

/**
 * Where a memo of `request` is if there is one, found without reading any file; undefined where
 * there never was a build. When it turns out to be of another workspace, its list of files tells.
 */
export function findMemo(request: BuildRequest): MemoPlace | undefined {
  const directories = directoriesUpward(request.host.workingDirectory);
  const root =
    directories.find((at) => existsSync(posix.join(at, workspaceFileName))) ??
    directories.find((at) => existsSync(posix.join(at, memoDirectory)));
  return root === undefined ? undefined : memoPlaceOf(request, root);
}

const memoDirectory = ".kraft/memo";

/** All that decides what a build does, besides files. */
export function requestText(request: BuildRequest): string {
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
