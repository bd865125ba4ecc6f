// Which actions of a graph are still to be carried out, and which have to be once more. Starts none.

import type { Action, ExecPath } from "../action/action.ts";
import type { PlanNode, PlanState } from "../schedule/vertex.ts";
import type { Growth } from "./action-graph.ts";
import { ReadIndex } from "./read-index.ts";
import type { ReadSet } from "./records.ts";
import { SourceIndex } from "./source-index.ts";
import type { Touched } from "./touched.ts";

/** Actions that are open: those that did not succeed, or whose inputs changed since. */
export class OpenActions {
  readonly #nodes = new Map<ExecPath, PlanNode>();
  readonly #dependents = new Map<ExecPath, ExecPath[]>();
  readonly #goals = new Set<ExecPath>();
  readonly #open = new Set<ExecPath>();
  readonly #reads = new ReadIndex();
  /** Made when first asked for: a build that is the only one never does. */
  #sources: SourceIndex | undefined;
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
    this.#sources = undefined;
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

  /**
   * Opens those of `ids` that were settled in an earlier round, and nothing that needs them; gives
   * them as nodes of the plan, in which they need nothing but each other.
   */
  reopenAlone(ids: readonly ExecPath[]): PlanNode[] {
    const earlier = new Set(ids.filter((id) => this.#settled.delete(id)));
    for (const id of earlier) this.#open.add(id);
    return [...earlier]
      .flatMap((id) => this.#nodes.get(id) ?? [])
      .map((node) => ({
        ...node,
        needs: node.needs.filter((need) => earlier.has(need)),
      }));
  }

  noteReads(action: Action, reads: ReadSet): void {
    this.#reads.note(action, reads);
  }

  /** Those of `actions`, which are all there are, that read what `touched` names. */
  reached(touched: Touched, actions: Iterable<Action>): ReadonlySet<ExecPath> {
    const { changed, above, fresh } = touched;
    const reached = new Set<ExecPath>();
    this.#sources ??= new SourceIndex(actions);
    for (const id of this.#sources.readersOf([...changed, ...above])) {
      // Of a compilation it is known better, unless a search path may lead into a new directory.
      if (fresh.length > 0 || !this.#reads.has(id)) reached.add(id);
    }
    if (fresh.length > 0) for (const id of this.#sources.readersBelow(fresh)) reached.add(id);
    for (const id of this.#reads.readersOf(touched)) if (this.#reads.has(id)) reached.add(id);
    return reached;
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
