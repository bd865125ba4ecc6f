// What looking for results at other machines takes, and which of their files are to come here.

import type { Action, ExecPath, Resources } from "../action/action.ts";
import { resourcesOf } from "./action-graph.ts";
import type { Label } from "../label/label.ts";
import type { FilesWanted, SharedResults } from "./shared-results.ts";

/** Which outputs of actions that other machines ran come here, unless an action here needs them. */
export type Download = "all" | "toplevel" | "minimal";

/** What there is of each pool, with `jobs` that compute. */
export function capacitiesFor(jobs: number, remoteJobs = 1): Resources {
  // Of fetches: servers and lines are shared with others; more at once is no faster. Those who look
  // up wait for answers, and none of them for a CPU.
  return { cpu: jobs, console: 1, network: 8, "look-up": 64, remote: remoteJobs };
}

/** Where actions may run besides here. */
type Elsewhere = { readonly resourcesOf: (action: Action) => Resources } | undefined;

/** Where actions may run, and how many programs at once here. */
interface Places {
  readonly runner?: Elsewhere;
  readonly jobs: number;
}

/** What `action` takes to run. */
export function resourcesToRun(action: Action, { runner, jobs }: Places): Resources {
  return runner?.resourcesOf(action) ?? resourcesHere(action, jobs);
}

/**
 * One action more begins than there are jobs: before its program, after it and between two of them
 * an action only waits for the engine, and the program of another one takes the slot meanwhile. What
 * says itself what it takes gets all of that. With one job, one action is done after the other.
 */
function resourcesHere(action: Action, jobs: number): Resources {
  const startsPrograms = action.kind === "command" || action.kind === "compile";
  if (action.resources !== undefined || !startsPrograms || jobs < 2) return resourcesOf(action);
  return { cpu: jobs / (jobs + 1) };
}

/** What an action takes when it begins: it looks for its result first where results are shared. */
export function resourcesToBegin(
  request: Places & { readonly shared?: SharedResults | undefined },
): (action: Action) => Resources {
  if (request.shared !== undefined) return resourcesToLookUp;
  return (action) => resourcesToRun(action, request);
}

/** What `action` takes while others are asked for its result. */
function resourcesToLookUp(action: Action): Resources {
  // A fetch is one request more or less, so it looks while it holds what it takes.
  return action.kind === "fetch" ? resourcesOf(action) : { "look-up": 1 };
}

/** With which others an action's result is likely to be asked for: those of its package. */
export function groupOf({ owner }: { readonly owner: Label }): string {
  const end = owner.indexOf(":");
  return end < 0 ? owner : owner.slice(0, end);
}

/** Says which files of an action's result are to be here when it is done; `placed` are laid out. */
export function filesWantedFor(
  download: Download,
  placed: readonly ExecPath[],
): (action: Action) => FilesWanted {
  const above = download === "toplevel" ? withAncestors(placed) : new Set<ExecPath>();
  return ({ yields, outputs }) => {
    // The engine itself reads what an action yields.
    const isNeeded = download === "all" || yields !== undefined;
    return isNeeded || outputs.some((path) => above.has(path)) ? "now" : "later";
  };
}

/** `paths` and every directory above one of them: it may be the output of an action. */
function withAncestors(paths: readonly ExecPath[]): Set<ExecPath> {
  const all = new Set<ExecPath>();
  for (const path of paths) {
    for (let at = path; at !== "" && !all.has(at); at = parentOf(at)) all.add(at);
  }
  return all;
}

function parentOf(path: ExecPath): ExecPath {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
