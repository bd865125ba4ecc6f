// Functions that follow edges, or choose from a set by name. Source: the Bazel query reference.

import { defineFunction, type QueryFunction } from "./function.ts";
import { successorsOf } from "../graph/edges.ts";
import type { IndexedGraph } from "./indexed-graph.ts";
import { inOrder, type LabelSet, labelSet, subset } from "./label-set.ts";
import { pathBetween, reach } from "./walk.ts";

/** See the head of this file. */
export const walkFunctions: readonly QueryFunction[] = [
  defineFunction({
    name: "deps",
    required: ["expression"],
    optional: ["count"],
    usage: "deps(e[, depth])",
    apply: ({ forward }, e, depth) => labelSet(reach(forward, e.members, { depth })),
  }),
  defineFunction({
    name: "rdeps",
    required: ["expression", "expression"],
    optional: ["count"],
    usage: "rdeps(universe, e[, depth])",
    apply: (graph, universe, e, depth) => towards(graph, universe, { to: e, depth }),
  }),
  defineFunction({
    name: "allrdeps",
    required: ["expression"],
    optional: ["count"],
    usage: "allrdeps(e[, depth])",
    apply: ({ backward }, e, depth) => labelSet(reach(backward(), e.members, { depth })),
  }),
  defineFunction({
    name: "same_pkg_direct_rdeps",
    required: ["expression"],
    usage: "same_pkg_direct_rdeps(e)",
    apply: sameDirectUsers,
  }),
  defineFunction({
    name: "allpaths",
    required: ["expression", "expression"],
    usage: "allpaths(from, to)",
    apply: (graph, from, to) => towards(graph, from, { to }),
  }),
  defineFunction({
    name: "somepath",
    required: ["expression", "expression"],
    usage: "somepath(from, to)",
    apply: ({ forward }, from, to) => {
      const path = pathBetween(forward, inOrder(from), to.members);
      return { kind: "labels", members: new Set(path), isPath: true };
    },
  }),
  defineFunction({
    name: "some",
    required: ["expression"],
    optional: ["count"],
    usage: "some(e[, count])",
    apply: (_graph, e, count = 1) => {
      if (e.members.size === 0) {
        return { kind: "problem", message: "there is none to take some of" };
      }
      const taken = new Set(inOrder(e).slice(0, count));
      return subset(e, (one) => taken.has(one));
    },
  }),
  defineFunction({
    name: "kind",
    required: ["regex", "expression"],
    usage: "kind(regex, e)",
    apply: ({ kindOf }, regex, e) => subset(e, (one) => regex.test(kindOf(one))),
  }),
  defineFunction({
    name: "filter",
    required: ["regex", "expression"],
    usage: "filter(regex, e)",
    apply: ({ nodes }, regex, e) => subset(e, (one) => regex.test(nodes[one] ?? "")),
  }),
];

/** What of the closure of `from` leads to `to`, by at most `depth` edges. */
function towards(
  { forward, backward }: IndexedGraph,
  from: LabelSet,
  { to, depth }: { readonly to: LabelSet; readonly depth?: number | undefined },
): LabelSet {
  const within = reach(forward, from.members);
  return labelSet(reach(backward(), to.members, { within, depth }));
}

/** What depends on a member of `e` from inside of that member's own package. */
function sameDirectUsers({ backward, packageOf }: IndexedGraph, e: LabelSet): LabelSet {
  const users = new Set<number>();
  for (const member of e.members) {
    const home = packageOf(member);
    for (const user of successorsOf(backward(), member)) {
      if (packageOf(user) === home) users.add(user);
    }
  }
  return labelSet(users);
}
