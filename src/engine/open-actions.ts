// Which actions of a graph are still to be carried out, and which have to be once more. Starts none.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { PlanNode, PlanState } from "../schedule/vertex.ts";
import type { Growth } from "./action-graph.ts";
import { ReadIndex } from "./read-index.ts";
import type { ReadSet } from "./records.ts";
import type { Touched } from "./touched.ts";

/** Actions that are open: those that did not succeed, or whose inputs changed since. */
export class OpenActions {
  readonly #nodes = new Map<ExecPath, PlanNode>();
  readonly #dependents = new Map<ExecPath, ExecPath[]>();
  readonly #goals = new Set<ExecPath>();
  readonly #open = new Set<ExecPath>();
  readonly #reads = new ReadIndex();
  readonly #settled = new Set<ExecPath>();
  #isNew = true;

  /** Whether nothing is known of the graph as yet. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** How many succeeded. */
  get settledCount(): number {
    return this.#settled.size;
  }

  ids(): Iterable<ExecPath> {
    return this.#open;
  }

  /** Takes in the graph, all of which is open. */
  begin(nodes: readonly PlanNode[], goals: readonly ExecPath[]): void {
    this.#isNew = false;
    for (const node of nodes) this.#add(node);
    for (const goal of goals) this.#goals.add(goal);
  }

  /** Takes in what an action yielded. */
  grow({ adds, edges, goals }: Growth): void {
    for (const node of adds) this.#add(node);
    for (const [from, needs] of edges) {
      const node = this.#nodes.get(from);
      if (node !== undefined) this.#nodes.set(from, { ...node, needs: [...node.needs, needs] });
      this.#link(from, needs);
    }
    for (const goal of goals) this.#goals.add(goal);
  }

  /** What is open, as if there was nothing else. */
  plan(): { nodes: PlanNode[]; goals: ExecPath[] } {
    const nodes = [...this.#open].flatMap((id) => this.#nodes.get(id) ?? []);
    // What they read is asked for again; until then, it may be anything.
    for (const { id } of nodes) this.#reads.forget(id);
    return {
      nodes: nodes.map((node) => ({
        ...node,
        needs: node.needs.filter((id) => this.#open.has(id)),
      })),
      goals: [...this.#goals].filter((id) => this.#open.has(id)),
    };
  }

  /** Closes what succeeded, and what nobody wants. */
  settle(stateOf: (id: ExecPath) => PlanState | undefined): void {
    for (const id of this.#open) {
      const state = stateOf(id);
      if (state === "done") this.#settled.add(id);
      if (state === "done" || state === "waiting") this.#open.delete(id);
    }
  }

  noteReads(action: Action, reads: ReadSet): void {
    this.#reads.note(action, reads);
  }

  /** Those of `actions` that read what `touched` names. */
  *reached(touched: Touched, actions: Iterable<Action>): Iterable<ExecPath> {
    const { changed, above, fresh } = touched;
    const readers = this.#reads.readersOf(touched);
    const isTouched = (path: ExecPath): boolean =>
      changed.has(path) || above.has(path) || fresh.some((top) => path.startsWith(`${top}/`));
    for (const action of actions) {
      const id = actionId(action);
      // Where a directory came to be, a search path may lead into it.
      const isKnown = fresh.length === 0 && this.#reads.has(id);
      if (isKnown ? readers.has(id) : action.inputs.some(isTouched)) yield id;
    }
  }

  /** Opens `ids`, and all that needs them. */
  reopen(ids: Iterable<ExecPath>): void {
    const pending = [...ids];
    for (const id of pending) {
      // One that nobody wants is neither open nor settled.
      if (!this.#settled.delete(id)) continue;
      this.#open.add(id);
      pending.push(...(this.#dependents.get(id) ?? [])); // The loop goes on to these too.
    }
  }

  #add(node: PlanNode): void {
    this.#nodes.set(node.id, node);
    this.#open.add(node.id);
    for (const need of node.needs) this.#link(node.id, need);
  }

  #link(dependent: ExecPath, need: ExecPath): void {
    const known = this.#dependents.get(need);
    if (known === undefined) this.#dependents.set(need, [dependent]);
    else known.push(dependent);
  }
}
