// A graph as the page walks it: nodes by id, and both directions of its edges.

import type { PageGraph, PageNode, PageRun } from "../page-data.ts";

/** A graph to walk in. */
export interface GraphIndex {
  readonly nodes: readonly PageNode[];
  readonly edges: readonly number[];
  readonly placeOf: ReadonlyMap<string, number>;
  /** What each node depends on. */
  readonly needs: readonly (readonly number[])[];
  /** What depends on each node. */
  readonly users: readonly (readonly number[])[];
  /** Actions of each target. */
  readonly actionsOf: ReadonlyMap<string, readonly number[]>;
}

/** `graph`, with the actions of `runs` that it does not have, as builds find out more of them. */
export function indexGraph(graph: PageGraph, runs: Iterable<PageRun>): GraphIndex {
  const nodes = [...graph.nodes];
  const edges = [...graph.edges];
  const placeOf = new Map(nodes.map(({ id }, place) => [id, place]));
  for (const run of runs) {
    const owner = placeOf.get(run.owner);
    if (placeOf.has(run.id) || owner === undefined) continue;
    placeOf.set(run.id, nodes.length);
    edges.push(owner, nodes.length);
    nodes.push(nodeOf(run, nodes[owner]!.package));
  }
  const needs = nodes.map((): number[] => []);
  const users = nodes.map((): number[] => []);
  for (let at = 0; at < edges.length; at += 2) {
    needs[edges[at]!]!.push(edges[at + 1]!);
    users[edges[at + 1]!]!.push(edges[at]!);
  }
  const actionsOf = new Map<string, number[]>();
  for (const [place, { owner }] of nodes.entries()) {
    if (owner === undefined) continue;
    const known = actionsOf.get(owner);
    if (known === undefined) actionsOf.set(owner, [place]);
    else known.push(place);
  }
  return { nodes, edges, placeOf, needs, users, actionsOf };
}

function nodeOf({ id, mnemonic, subject, owner }: PageRun, packageName: string): PageNode {
  const kind = `${mnemonic} action`;
  return { id, group: "action", kind, name: subject, package: packageName, owner };
}

/** `start`, all that it needs, and all that needs it. */
export function coneOf(start: number, { needs, users }: GraphIndex): Set<number> {
  const cone = new Set<number>();
  for (const links of [needs, users]) {
    const pending = [start];
    const seen = new Set(pending);
    for (const place of pending) {
      cone.add(place);
      for (const end of links[place] ?? []) {
        if (seen.has(end)) continue;
        seen.add(end);
        pending.push(end); // The loop goes on to these too.
      }
    }
  }
  return cone;
}
