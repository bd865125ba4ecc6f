// Functions from files to targets, as Please has them. Source: the manual of `plz query`.

import type { ExecPath } from "../action/action.ts";
import { directoryOf, touchedBy } from "./changed-files.ts";
import type { ChangedFiles } from "./changed-files.ts";
import { defineFunction, type QueryFunction } from "./function.ts";
import { successorsOf } from "../graph/edges.ts";
import type { IndexedGraph } from "./indexed-graph.ts";
import { type LabelSet, labelSet, subset } from "./label-set.ts";
import type { PackageFiles } from "./package-files.ts";
import { reach } from "./walk.ts";

/** See the head of this file. */
export const fileFunctions: readonly QueryFunction[] = [
  defineFunction({
    name: "whatinputs",
    required: [],
    repeated: "path",
    usage: "whatinputs(file[, file…])",
    needs: ["actions", "all targets", "reads"],
    apply: (graph, ...paths) => usersOf(readersOf(graph, touchedBy(paths)), graph),
  }),
  defineFunction({
    name: "whatoutputs",
    required: [],
    repeated: "path",
    usage: "whatoutputs(path[, path…])",
    needs: ["actions", "all targets"],
    apply: (graph, ...paths) => {
      const isAsked = touchedBy(paths);
      return usersOf(
        actionsWith(graph, ({ action }) => action.outputs.some(isAsked)),
        graph,
      );
    },
  }),
  defineFunction({
    name: "changes",
    required: ["revision"],
    optional: ["expression"],
    usage: "changes(revision[, universe])",
    needs: ["all targets", "package files"],
    apply: (graph, revision, universe = wildcardTargets(graph)) => {
      const changed = graph.graph.changes?.get(revision);
      if (changed === undefined) throw new Error(`bug: nobody looked at ${revision}`);
      const reached = changed.isAll
        ? undefined
        : reach(graph.backward(), changedIn(graph, changed));
      return subset(universe, (one) => isRule(graph, one) && reached?.has(one) !== false);
    },
  }),
];

/** What `//...` stands for in a build. */
function wildcardTargets({ graph, nodes }: IndexedGraph): LabelSet {
  const isTaken = (one: number): boolean => {
    const target = graph.targetOf(nodes[one]!);
    return target?.kind === "rule" && target.inWildcards;
  };
  return labelSet(new Set([...nodes.keys()].filter(isTaken)));
}

/** What no longer is what it was, by itself and not for what it depends on. */
function changedIn(graph: IndexedGraph, { paths }: ChangedFiles): Set<number> {
  const isTouched = touchedBy(paths.map(({ path }) => path));
  const changed = readersOf(graph, isTouched);
  const asked = new Set(paths.map(({ path }) => path));
  const gone = paths.filter(({ isNewOrGone }) => isNewOrGone);
  const named = new Set(gone.map(({ path }) => directoryOf(path)));
  const homes = new Set<string>();
  for (const [home, files] of graph.graph.packageFiles ?? []) {
    if (isLoadedFrom(files, { asked, named })) homes.add(home);
  }
  for (const one of graph.nodes.keys()) {
    if (isRule(graph, one) && homes.has(graph.packageOf(one))) changed.add(one);
  }
  return changed;
}

/** Whether what a package states may have come to be another. */
function isLoadedFrom(
  { askedFor, listed }: PackageFiles,
  { asked, named }: { asked: ReadonlySet<ExecPath>; named: ReadonlySet<ExecPath> },
): boolean {
  for (const path of asked) if (askedFor.has(path)) return true;
  for (const directory of named) if (listed.has(directory)) return true;
  return false;
}

/** Source files at the paths that `isAsked` allows, and actions that read them. */
function readersOf(graph: IndexedGraph, isAsked: (path: ExecPath) => boolean): Set<number> {
  const readers = actionsWith(
    graph,
    ({ action, inputs }) => inputs.some(isAsked) || action.inputs.some(isAsked),
  );
  for (const [index, node] of graph.nodes.entries()) {
    const target = graph.graph.targetOf(node);
    if (target?.kind === "source file" && isAsked(target.path)) readers.add(index);
  }
  return readers;
}

function actionsWith(
  { nodes, actionOf }: IndexedGraph,
  isMeant: (action: NonNullable<ReturnType<IndexedGraph["actionOf"]>>) => boolean,
): Set<number> {
  const found = new Set<number>();
  for (const index of nodes.keys()) {
    const action = actionOf(index);
    if (action !== undefined && isMeant(action)) found.add(index);
  }
  return found;
}

/** The targets that have one of `members` as a source, or as an action of their own. */
function usersOf(members: ReadonlySet<number>, graph: IndexedGraph): LabelSet {
  const users = new Set<number>();
  for (const member of members) {
    for (const user of successorsOf(graph.backward(), member)) {
      if (isRule(graph, user)) users.add(user);
    }
  }
  return labelSet(users);
}

function isRule({ graph, nodes }: IndexedGraph, index: number): boolean {
  return graph.targetOf(nodes[index]!)?.kind === "rule";
}
