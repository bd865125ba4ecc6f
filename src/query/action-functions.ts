// Functions that choose actions, anywhere in an expression. Source: the Bazel aquery reference.

import { defineFunction, type Need, type QueryFunction } from "./function.ts";
import { successorsOf } from "../graph/edges.ts";
import type { IndexedGraph } from "./indexed-graph.ts";
import { type LabelSet, labelSet, subset } from "./label-set.ts";
import type { QueryAction } from "./query-graph.ts";

/** See the head of this file. */
export const actionFunctions: readonly QueryFunction[] = [
  ofActions("inputs", ["actions", "reads"], ({ inputs }) => inputs),
  ofActions("outputs", ["actions"], ({ action }) => action.outputs),
  ofActions("mnemonic", ["actions"], ({ action }) => [action.mnemonic]),
];

/**
 * Chooses actions of which a text is what a regular expression wants, as a whole. Actions are
 * chosen from among those in its argument and those of the targets in it.
 */
function ofActions(
  name: string,
  needs: readonly Need[],
  textsOf: (one: QueryAction) => readonly string[],
): QueryFunction {
  return defineFunction({
    name,
    required: ["regex", "expression"],
    usage: `${name}(regex, e)`,
    needs,
    apply: (graph, regex, e) => {
      const whole = new RegExp(`^(?:${regex.source})$`);
      return subset(actionsIn(e, graph), (one) => {
        const action = graph.actionOf(one);
        return action !== undefined && textsOf(action).some((text) => whole.test(text));
      });
    },
  });
}

/** The members of `set` that are actions, and the actions of those that are targets. */
function actionsIn({ members }: LabelSet, { actionOf, forward }: IndexedGraph): LabelSet {
  const candidates = new Set(members);
  for (const member of members) {
    if (actionOf(member) !== undefined) continue;
    for (const next of successorsOf(forward, member)) candidates.add(next);
  }
  return subset(labelSet(candidates), (one) => actionOf(one) !== undefined);
}
