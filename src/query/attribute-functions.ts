// Functions that look at attributes of targets. Source: the Bazel query reference.

import { attributeTexts, labelsInAttribute } from "./attribute-text.ts";
import { defineFunction, type QueryFunction } from "./function.ts";
import { labelSet, subset } from "./label-set.ts";

/** See the head of this file. */
export const attributeFunctions: readonly QueryFunction[] = [
  defineFunction({
    name: "attr",
    required: ["attribute", "regex", "expression"],
    usage: "attr(name, regex, e)",
    apply: ({ graph, nodes }, name, regex, e) =>
      subset(e, (one) => {
        const target = graph.targetOf(nodes[one]!);
        if (target?.kind !== "rule") return false;
        return attributeTexts(target, name, graph.resolve).some((text) => regex.test(text));
      }),
  }),
  defineFunction({
    name: "labels",
    required: ["attribute", "expression"],
    usage: "labels(attribute, e)",
    apply: ({ graph, nodes, indexOf }, name, e) => {
      const named = new Set<number>();
      for (const member of e.members) {
        const target = graph.targetOf(nodes[member]!);
        if (target?.kind !== "rule") continue;
        for (const label of labelsInAttribute(target, name, graph.resolve)) {
          const index = indexOf.get(label);
          if (index !== undefined) named.add(index);
        }
      }
      return labelSet(named);
    },
  }),
];
