// Reads sources while programs of the machine are asked about themselves. Starts nothing.

import type { ExecPath } from "../action/action.ts";
import type { PlanNode } from "../schedule/vertex.ts";
import type { ActionGraph } from "./action-graph.ts";
import type { Inputs } from "./inputs.ts";

/** What is to be carried out. */
interface Planned {
  readonly nodes: readonly PlanNode[];
  readonly goals: readonly ExecPath[];
}

/**
 * Finds out about the inputs of what the engine itself does first, such as walking over a core,
 * which starts nothing and needs no tool. What is wrong with them is met again, and told, later.
 */
export function readAhead(
  { nodes, goals }: Planned,
  graph: Pick<ActionGraph, "find">,
  inputs: Pick<Inputs, "of">,
): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const needed = new Set<string>(goals);
  // Goes on to those that are added.
  for (const id of needed) {
    const needs = byId.get(id)?.needs ?? [];
    for (const need of needs) needed.add(need);
    const action = byId.has(id) && needs.length === 0 ? graph.find(id) : undefined;
    if (action?.kind !== "program") continue;
    try {
      inputs.of(action);
    } catch {
      // See above.
    }
  }
}
