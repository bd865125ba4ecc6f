import type { Source, Span } from "../diagnostic/diagnostic.ts";
import { type Label, partsOf } from "../label/label.ts";
import type { QueryGraph, QueryNode } from "./query-graph.ts";

/**
 * Tells where the nodes of `graph` are stated: `file:line:column`, both from 1. That of an action
 * is its target's; that of a file its own beginning; of a component, its name.
 */
export function locationsIn(graph: QueryGraph): (node: QueryNode) => string {
  const shown = newPlaceFormatter();
  return (node) => {
    const target = graph.targetOf(graph.actionOf?.(node)?.action.owner ?? node);
    switch (target?.kind) {
      case "rule":
        return shown(target.at);
      case "source file":
        return `${target.path}:1:1`;
      case "component":
        return `@${target.name}`;
      case undefined:
        return fileLocation(node);
    }
  };
}

/** `file:line:column` of spans. Remembers where lines begin, as one file may state very many. */
export function newPlaceFormatter(): (at: Span) => string {
  const known = new Map<Source, readonly number[]>();
  return ({ source, start }) => {
    let lines = known.get(source);
    if (lines === undefined) known.set(source, (lines = lineStartsOf(source.text)));
    let [low, high] = [0, lines.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (lines[middle]! <= start) low = middle;
      else high = middle;
    }
    return `${source.path}:${low + 1}:${start - lines[low]! + 1}`;
  };
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Of a file that no target names. */
function fileLocation(node: QueryNode): string {
  const { repository, packagePath, name } = partsOf(node as Label);
  if (repository !== "") return `@${repository}`;
  return `${[packagePath, name].filter((part) => part !== "").join("/")}:1:1`;
}
