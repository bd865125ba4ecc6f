// The nodes of a plan and what they need, kept without cycles while it grows. Starts nothing.

import { type PlanNode, type Vertex, vertexOf } from "./vertex.ts";
import { measure, needsFirst, want } from "./walk.ts";

/** More nodes, and what is to hold between them and those that are there. */
export interface Additions {
  readonly nodes: readonly PlanNode[];
  /** `[from, needs]`: the node `from`, which waits, needs `needs` as well. */
  readonly edges: readonly (readonly [from: string, needs: string])[];
  /** Nodes that are wanted for themselves. */
  readonly goals: readonly string[];
}

/** Why additions were refused, as a whole. */
export type Refusal =
  | { readonly kind: "cycle"; readonly ids: readonly string[] }
  | { readonly kind: "unknown"; readonly id: string }
  | { readonly kind: "duplicate"; readonly id: string }
  | { readonly kind: "late"; readonly id: string };

/** What additions led to. */
export type Added =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | ({ readonly kind: "added" } & Growth);

/** What additions changed in the graph. */
export interface Growth {
  /** Nodes that are wanted since. */
  readonly wanted: readonly Vertex[];
  /** Nodes that were there and need more. */
  readonly extended: readonly Vertex[];
  /** Nodes whose `pathMs` is another. */
  readonly moved: readonly Vertex[];
}

/** The nodes by id, each with what it needs and what needs it. */
export class PlanGraph {
  readonly #vertices = new Map<string, Vertex>();
  #count = 0;

  find(id: string): Vertex | undefined {
    return this.#vertices.get(id);
  }

  /** Every node that was ever added, in that order. */
  all(): Iterable<Vertex> {
    return this.#vertices.values();
  }

  /** Takes in all of `additions`, or nothing of them. */
  add(additions: Additions): Added {
    const fresh: Vertex[] = [];
    const ends: { from: Vertex; to: Vertex }[] = [];
    const undo = (refusal: Refusal): Added => {
      for (const { from } of ends) from.needs.pop();
      for (const { id } of fresh) this.#vertices.delete(id);
      return { kind: "refused", refusal };
    };
    const refusal = this.#insert(additions.nodes, fresh) ?? this.#connect(additions.edges, ends);
    if (refusal !== undefined) return undo(refusal);
    const goals: Vertex[] = [];
    for (const id of additions.goals) {
      const goal = this.#vertices.get(id);
      if (goal === undefined) return undo({ kind: "unknown", id });
      goals.push(goal);
    }
    const starts = [...fresh, ...ends.map(({ to }) => to), ...goals];
    const walk = needsFirst(starts);
    if (walk.kind === "cycle") return undo({ kind: "cycle", ids: walk.ids });
    const wanted = want(walk.order, goals, ends);
    const extended = ends.map(({ from }) => from).filter(({ isWanted }) => isWanted);
    return { kind: "added", wanted, extended, moved: measure(walk.order) };
  }

  #insert(nodes: readonly PlanNode[], fresh: Vertex[]): Refusal | undefined {
    for (const node of nodes) {
      if (this.#vertices.has(node.id)) return { kind: "duplicate", id: node.id };
      const vertex = vertexOf(node, this.#count++);
      this.#vertices.set(node.id, vertex);
      fresh.push(vertex);
    }
    for (const [i, node] of nodes.entries()) {
      for (const id of node.needs) {
        const need = this.#vertices.get(id);
        if (need === undefined) return { kind: "unknown", id };
        fresh[i]!.needs.push(need);
      }
    }
    return undefined;
  }

  #connect(edges: Additions["edges"], ends: { from: Vertex; to: Vertex }[]): Refusal | undefined {
    for (const [fromId, toId] of edges) {
      const from = this.#vertices.get(fromId);
      const to = this.#vertices.get(toId);
      if (from === undefined) return { kind: "unknown", id: fromId };
      if (to === undefined) return { kind: "unknown", id: toId };
      if (from.state !== "waiting" && from.state !== "skipped") return { kind: "late", id: fromId };
      from.needs.push(to);
      ends.push({ from, to });
    }
    return undefined;
  }
}
