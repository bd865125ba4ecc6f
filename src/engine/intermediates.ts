// Outputs that nobody asked for, and that only running something again would need. Removes none.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { ActionGraph } from "./action-graph.ts";
import type { Inputs } from "./inputs.ts";
import { filesWantedFor } from "./looking-up.ts";
import { LostOutput } from "./lost-output.ts";

/**
 * Says whether the files of an action's result may be gone while `wanted` is up to date. What was
 * fetched is always kept, as it may not be to be had again.
 */
export function mayLackFor(wanted: readonly ExecPath[]): (action: Action) => boolean {
  const filesOf = filesWantedFor("toplevel", wanted);
  return (action) => action.kind !== "fetch" && filesOf(action) === "later";
}

/** The actions of a build that is over, and what they gave. */
export interface FinishedBuild {
  readonly graph: Pick<ActionGraph, "all" | "makerOf">;
  readonly mayLack: (action: Action) => boolean;
  readonly inputs: Pick<Inputs, "outputAt" | "openTree">;
}

/**
 * The files that can be dropped. Those stay that compilers may read, as the engine looks into them
 * to tell whether an object is up to date, and those that are in any output directory.
 */
export function intermediatesOf(build: FinishedBuild): ReadonlySet<Digest> {
  const { graph, mayLack, inputs } = build;
  const read = readByCompilers(build);
  const kept = new Set<Digest>();
  const intermediate = new Set<Digest>();
  for (const action of graph.all()) {
    const isKept = !mayLack(action) || read.has(actionId(action));
    for (const path of action.outputs) {
      const node = inputs.outputAt(path);
      const into = isKept || node?.kind === "tree" ? kept : intermediate;
      for (const digest of filesOf(node, inputs)) into.add(digest);
    }
  }
  for (const digest of kept) intermediate.delete(digest);
  return intermediate;
}

function readByCompilers({ graph }: FinishedBuild): ReadonlySet<ExecPath> {
  const read = new Set<ExecPath>();
  for (const { kind, inputs } of graph.all()) {
    for (const path of kind === "compile" ? inputs : []) {
      const maker = graph.makerOf(path);
      if (maker !== undefined) read.add(actionId(maker));
    }
  }
  return read;
}

function filesOf(node: Node | undefined, { openTree }: Pick<Inputs, "openTree">): Digest[] {
  if (node?.kind === "file") return [node.digest];
  if (node?.kind !== "tree") return [];
  try {
    return [...openTree(node).values()].flatMap(({ files }) => files.map(({ digest }) => digest));
  } catch (error) {
    if (error instanceof LostOutput) return []; // Then there is nothing of it to be kept.
    throw error;
  }
}
