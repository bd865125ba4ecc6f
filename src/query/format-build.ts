import { isDeepStrictEqual } from "node:util";

import { stringify } from "yaml";

import type { RuleTarget } from "../graph/target.ts";
import { partsOf } from "../label/label.ts";
import { attributeValue } from "./attribute-text.ts";
import { newPlaceFormatter } from "./location.ts";
import type { QueryGraph, QueryNode } from "./query-graph.ts";

/**
 * The targets of rules among `nodes` as a kraft.build.yaml would state them, each below its label
 * and place: with the attributes that rules get, less those at their defaults, and labels in full.
 */
export function formatBuild(nodes: readonly QueryNode[], graph: QueryGraph): string {
  const placeOf = newPlaceFormatter();
  const stated = nodes.flatMap((node) => {
    const target = graph.targetOf(node);
    if (target?.kind !== "rule") return [];
    const text = stringify([statementOf(target, graph)], {
      lineWidth: 0,
      aliasDuplicateObjects: false,
    });
    return [`# ${target.label} (${placeOf(target.at)})\n${text}`];
  });
  return stated.join("\n");
}

function statementOf(target: RuleTarget, graph: QueryGraph): Record<string, unknown> {
  const { label, rule, isDefault } = target;
  const attributes = Object.entries(rule.attributes).flatMap(([name, { fallback }]) => {
    const value = attributeValue(target, name, graph.resolve);
    const isImplied = fallback !== undefined && isDeepStrictEqual(value, fallback.value);
    return isImplied || value === undefined ? [] : [[name, plain(value)] as const];
  });
  return {
    name: partsOf(label).name,
    rule: rule.name,
    ...(isDefault ? { default: true } : {}),
    ...Object.fromEntries(attributes),
  };
}

/** `value` as YAML can say it; without the places in files that rule sets keep beside values. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (value instanceof Set) return plain([...value]);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([, one]) => one !== undefined && typeof one !== "function" && !isSpan(one),
  );
  return Object.fromEntries(entries.map(([key, one]) => [key, plain(one)]));
}

function isSpan(value: unknown): boolean {
  return typeof value === "object" && value !== null && "source" in value && "start" in value;
}
