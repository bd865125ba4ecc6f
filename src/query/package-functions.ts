// Functions about packages and the files that state them. Source: the Bazel query reference.

import { defineFunction, type QueryFunction } from "./function.ts";
import type { IndexedGraph } from "./indexed-graph.ts";
import { type LabelSet, labelSet } from "./label-set.ts";
import type { PackageFiles } from "./package-files.ts";

/** See the head of this file. */
export const packageFunctions: readonly QueryFunction[] = [
  defineFunction({
    name: "siblings",
    required: ["expression"],
    usage: "siblings(e)",
    apply: (graph, e) => {
      const homes = packagesOf(e, graph);
      const isSibling = (one: number): boolean =>
        graph.graph.targetOf(graph.nodes[one]!) !== undefined && homes.has(graph.packageOf(one));
      return labelSet(new Set([...graph.nodes.keys()].filter(isSibling)));
    },
  }),
  defineFunction({
    name: "buildfiles",
    required: ["expression"],
    usage: "buildfiles(e)",
    needs: ["package files"],
    apply: (graph, e) =>
      filesOf(e, graph, ({ buildFiles, loadedFiles }) => [...buildFiles, ...loadedFiles]),
  }),
  defineFunction({
    name: "loadfiles",
    required: ["expression"],
    usage: "loadfiles(e)",
    needs: ["package files"],
    apply: (graph, e) => filesOf(e, graph, ({ loadedFiles }) => loadedFiles),
  }),
  defineFunction({
    name: "rbuildfiles",
    required: [],
    repeated: "path",
    usage: "rbuildfiles(file[, file…])",
    needs: ["package files"],
    apply: ({ graph, indexOf }, ...paths) => {
      const asked = new Set(paths);
      const found = new Set<number>();
      for (const { buildFiles, loadedFiles } of graph.packageFiles?.values() ?? []) {
        if (![...buildFiles, ...loadedFiles].some(({ path }) => asked.has(path))) continue;
        for (const { label } of buildFiles) addIndex(found, indexOf.get(label));
      }
      return labelSet(found);
    },
  }),
];

function packagesOf({ members }: LabelSet, { packageOf }: IndexedGraph): Set<string> {
  return new Set([...members].map(packageOf));
}

function filesOf(
  e: LabelSet,
  graph: IndexedGraph,
  choose: (files: PackageFiles) => PackageFiles["buildFiles"],
): LabelSet {
  const found = new Set<number>();
  for (const home of packagesOf(e, graph)) {
    const files = graph.graph.packageFiles?.get(home);
    if (files === undefined) continue;
    for (const { label } of choose(files)) addIndex(found, graph.indexOf.get(label));
  }
  return labelSet(found);
}

function addIndex(to: Set<number>, index: number | undefined): void {
  if (index !== undefined) to.add(index);
}
