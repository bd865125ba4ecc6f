// The part of a graph that is shown: filtered, focused, or collapsed to packages.

import type { PageNode } from "../page-data.ts";
import { coneOf, type GraphIndex } from "./graph-index.ts";

/** What of the graph to show. */
export interface ViewOptions {
  /** Kinds that are not shown. */
  readonly hiddenKinds: ReadonlySet<string>;
  /** Whether packages stand for what is in them. */
  readonly isCollapsed: boolean;
  /** The node whose cone is shown; absent: all. */
  readonly focus: string | undefined;
}

/** A box in the picture. */
export interface ViewNode {
  /** Of a node its id; of a package its name behind `//`. */
  readonly id: string;
  /** What kind it is, in a word. */
  readonly badge: string;
  readonly text: string;
  /** The nodes it stands for. */
  readonly members: readonly number[];
  /** Absent for a package. */
  readonly node?: PageNode;
}

/** Boxes, and pairs of places of which the first depends on the second. */
export interface View {
  readonly nodes: readonly ViewNode[];
  readonly edges: readonly number[];
  readonly placeOf: ReadonlyMap<string, number>;
}

/** What `options` leave of `graph`. */
export function viewOf(graph: GraphIndex, options: ViewOptions): View {
  const { hiddenKinds, isCollapsed, focus } = options;
  const start = focus === undefined ? undefined : graph.placeOf.get(focus);
  const cone = start === undefined ? undefined : coneOf(start, graph);
  const groups = new Map<string, number[]>();
  const groupOf = new Map<number, string>();
  for (const [place, node] of graph.nodes.entries()) {
    const isShown = place === start || ((cone?.has(place) ?? true) && !hiddenKinds.has(node.kind));
    if (!isShown) continue;
    const id = isCollapsed ? packageId(node.package) : node.id;
    groupOf.set(place, id);
    const known = groups.get(id);
    if (known === undefined) groups.set(id, [place]);
    else known.push(place);
  }
  const nodes = [...groups].map(([id, members]) =>
    isCollapsed ? packageBox(id, members) : nodeBox(graph.nodes[members[0]!]!, members),
  );
  const placeOf = new Map(nodes.map(({ id }, place) => [id, place]));
  return { nodes, edges: edgesAmong(graph.edges, groupOf, placeOf), placeOf };
}

/** How a package is named among nodes. */
export function packageId(name: string): string {
  return name.startsWith("@") ? name : `//${name}`;
}

function packageBox(id: string, members: readonly number[]): ViewNode {
  return { id, badge: String(members.length), text: id, members };
}

function nodeBox(node: PageNode, members: readonly number[]): ViewNode {
  return { id: node.id, badge: badgeOf(node), text: node.name, members, node };
}

/** `CC` of `CC action`, `exec` of `exec rule`. */
export function badgeOf({ kind, group }: PageNode): string {
  return group === "file" ? "file" : kind.replace(/ (action|rule)$/, "");
}

function edgesAmong(
  edges: readonly number[],
  groupOf: ReadonlyMap<number, string>,
  placeOf: ReadonlyMap<string, number>,
): number[] {
  const seen = new Set<number>();
  const kept: number[] = [];
  for (let at = 0; at < edges.length; at += 2) {
    const [from, to] = [groupOf.get(edges[at]!), groupOf.get(edges[at + 1]!)];
    if (from === undefined || to === undefined || from === to) continue;
    const [a, b] = [placeOf.get(from)!, placeOf.get(to)!];
    const name = a * placeOf.size + b;
    if (seen.has(name)) continue;
    seen.add(name);
    kept.push(a, b);
  }
  return kept;
}
