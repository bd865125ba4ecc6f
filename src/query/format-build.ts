import { isDeepStrictEqual } from "node:util";

import { Document, type Node, Pair, YAMLMap, YAMLSeq } from "yaml";

import type { Span } from "../diagnostic/diagnostic.ts";
import type { RuleTarget } from "../graph/target.ts";
import { partsOf } from "../label/label.ts";
import { attributeValue } from "./attribute-text.ts";
import { newPlaceFormatter } from "./location.ts";
import type { QueryGraph, QueryNode } from "./query-graph.ts";

/**
 * The targets of rules among `nodes` as a kraft.build.yaml would state them, each below its label
 * and place: with the attributes that rules get, less those at their defaults, and labels in full.
 * Above what comes from a template, or from anywhere else, a comment says from where.
 */
export function formatBuild(nodes: readonly QueryNode[], graph: QueryGraph): string {
  const placeOf = newPlaceFormatter();
  const stated = nodes.flatMap((node) => {
    const target = graph.targetOf(node);
    if (target?.kind !== "rule") return [];
    const document = new Document(null, { aliasDuplicateObjects: false });
    const list = new YAMLSeq();
    list.items = [nodeOf(statementOf(target, graph), { document, placeOf })];
    document.contents = list as never;
    const text = document.toString({ lineWidth: 0 });
    return [`# ${target.label} (${placeOf(target.at)})\n${text}`];
  });
  return stated.join("\n");
}

function statementOf(target: RuleTarget, graph: QueryGraph): Record<string, unknown> {
  const { label, rule, isDefault } = target;
  const attributes = Object.entries(rule.attributes).flatMap(([name, { fallback }]) => {
    const value = attributeValue(target, name, graph.resolve);
    const isImplied = fallback !== undefined && isDeepStrictEqual(value, fallback.value);
    return isImplied || value === undefined ? [] : [[name, value] as const];
  });
  return {
    name: partsOf(label).name,
    rule: rule.name,
    ...(isDefault ? { default: true } : {}),
    ...Object.fromEntries(attributes),
  };
}

interface NodeContext {
  readonly document: Document;
  readonly placeOf: (at: Span) => string;
}

/** `value` as YAML can say it, with a comment at what says itself where it comes from. */
function nodeOf(value: unknown, context: NodeContext): Node {
  if (value instanceof Map) return nodeOf(Object.fromEntries(value), context);
  if (value instanceof Set) return nodeOf([...value], context);
  if (Array.isArray(value)) {
    const list = new YAMLSeq<Node>();
    list.items = value.map((item) => nodeOf(item, context));
    return list;
  }
  if (typeof value !== "object" || value === null) return context.document.createNode(value);
  const map = new YAMLMap();
  for (const [key, one] of Object.entries(value)) {
    if (one === undefined || typeof one === "function" || isSpan(one)) continue;
    map.add(new Pair(context.document.createNode(key), nodeOf(one, context)));
  }
  const at: unknown = "at" in value ? value.at : undefined;
  if (isSpan(at)) map.commentBefore = ` ${context.placeOf(at)}`;
  return map;
}

function isSpan(value: unknown): value is Span {
  return typeof value === "object" && value !== null && "source" in value && "start" in value;
}
