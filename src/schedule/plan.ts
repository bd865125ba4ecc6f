// Decides what runs next. Knows ids, not actions; starts no process and reads no clock.

import { assertNever } from "../base/brand.ts";
import type { Finish, PlanEffect, PlanEvent, PlanOptions } from "./plan-event.ts";
import { type Additions, PlanGraph, type Refusal } from "./plan-graph.ts";
import { Pools } from "./pools.ts";
import type { PlanNode, PlanState, Vertex } from "./vertex.ts";

/** Says what to do next. Does no I/O: the same events give the same effects. */
export class Plan {
  readonly #graph = new PlanGraph();
  readonly #pools: Pools<Vertex>;
  readonly #keepGoing: boolean;
  readonly #running = new Set<Vertex>();
  readonly #counts: Record<PlanState, number> = {
    waiting: 0,
    ready: 0,
    running: 0,
    done: 0,
    failed: 0,
    skipped: 0,
  };
  #phase: "new" | "going" | "halted" | "over" = "new";

  /** Throws for a cycle, a need or a goal that is not there: those are found before. */
  constructor(nodes: readonly PlanNode[], { goals, capacities, keepGoing }: PlanOptions) {
    this.#pools = new Pools(capacities, (vertex) => vertex.state === "ready");
    this.#keepGoing = keepGoing;
    const refusal = this.#add({ nodes, edges: [], goals });
    if (refusal !== undefined) throw new Error(`bug: bad plan: ${JSON.stringify(refusal)}`);
  }

  /** Takes in `event`, and says what to do now. Nothing after `end`. */
  advance(event: PlanEvent): PlanEffect[] {
    if (this.#phase === "over") return [];
    const effects: PlanEffect[] = [];
    switch (event.kind) {
      case "begin":
        if (this.#phase === "new") this.#phase = "going";
        break;
      case "finished":
        this.#finish(event.id, event, effects);
        break;
      case "stop":
        this.#halt();
        for (const { id } of this.#running) effects.push({ kind: "cancel", id });
        break;
      default:
        assertNever(event);
    }
    this.#startReady(effects);
    this.#endWhenIdle(effects);
    return effects;
  }

  /** Undefined for an id that was never added. One that no goal needs stays `waiting`. */
  stateOf(id: string): PlanState | undefined {
    return this.#graph.find(id)?.state;
  }

  /** The failed node for whose sake `id` was skipped; undefined when there is no such. */
  causeOf(id: string): string | undefined {
    return this.#graph.find(id)?.cause?.id;
  }

  /** Of the nodes that `id` needs, the one that was done last; undefined until all are. */
  releaserOf(id: string): string | undefined {
    return this.#graph.find(id)?.releaser?.id;
  }

  /** The most urgent of the nodes that are ready; undefined when there is none. */
  nextReady(): string | undefined {
    return this.#phase === "going" ? this.#pools.next()?.id : undefined;
  }

  /** Whether more could run than there is to run. */
  hasRoom(): boolean {
    return this.nextReady() === undefined && this.#pools.hasRoom();
  }

  /** How many of the nodes that the goals need are in `state`. */
  count(state: PlanState): number {
    return this.#counts[state];
  }

  #finish(id: string, finish: Finish, effects: PlanEffect[]): void {
    const { outcome, adds, edges, goals } = finish;
    const vertex = this.#graph.find(id);
    if (vertex?.state !== "running") throw new Error(`bug: ${id} finished, but did not run`);
    if (outcome === "continues") {
      this.#continue(vertex, finish);
      return;
    }
    if (outcome === "lacks") {
      this.#lack(vertex, finish);
      return;
    }
    if (outcome === "awaits") {
      this.#await(vertex, finish);
      return;
    }
    if (outcome !== "succeeded") {
      this.#end(vertex, outcome === "failed" ? "failed" : "skipped");
      return;
    }
    const isGrowing = adds !== undefined || edges !== undefined || goals !== undefined;
    // Before it is done: what waits for it may need more, and must not become ready.
    if (isGrowing && this.#phase === "going") {
      const additions = { nodes: adds ?? [], edges: edges ?? [], goals: goals ?? [] };
      const refusal = this.#add(additions);
      if (refusal !== undefined) {
        effects.push({ kind: "refuse", id, refusal });
        this.#end(vertex, "failed");
        return;
      }
    }
    this.#move(vertex, "done");
    for (const next of vertex.dependents) {
      if (--next.unmet > 0 || next.state !== "waiting") continue;
      next.releaser = vertex;
      this.#move(next, "ready");
    }
  }

  /** Puts `vertex` in line again, for what it needs now. */
  #continue(vertex: Vertex, { resources = vertex.resources }: Finish): void {
    if (this.#phase !== "going") return this.#move(vertex, "skipped");
    // Before it is ready, as what it took is given back by what it needed then.
    this.#move(vertex, "waiting");
    vertex.resources = resources;
    this.#move(vertex, "ready");
  }

  /** Has `vertex` start once more when the one that does the same is done. */
  #await(vertex: Vertex, { awaited = "" }: Finish): void {
    if (this.#phase !== "going") return this.#move(vertex, "skipped");
    this.#move(vertex, "waiting");
    const other = this.#graph.find(awaited);
    // It may have come to its end meanwhile; or it waits itself, and nobody knows for what.
    if (other?.state !== "running") return this.#move(vertex, "ready");
    this.#awaitAgain(vertex, other);
  }

  /** Has what `vertex` lacks carried out again, and then `vertex`. */
  #lack(vertex: Vertex, { lacking = [], adds: nodes = [] }: Finish): void {
    if (this.#phase !== "going") return this.#move(vertex, "skipped");
    const goals = [...new Set(lacking)];
    const refusal = this.#add({ nodes, edges: [], goals });
    if (refusal !== undefined) throw new Error(`bug: bad nodes: ${JSON.stringify(refusal)}`);
    this.#move(vertex, "waiting");
    for (const id of goals) {
      const need = this.#graph.find(id);
      if (need === undefined || need === vertex) throw new Error(`bug: ${vertex.id} lacks ${id}`);
      this.#awaitAgain(vertex, need);
    }
    if (goals.length === 0) this.#move(vertex, "ready");
  }

  #awaitAgain(vertex: Vertex, need: Vertex): void {
    const isOver = need.state === "done";
    // Whoever waited for it when it was done does so no longer.
    if (isOver) need.dependents.length = 0;
    need.dependents.push(vertex);
    need.pathMs = Math.max(need.pathMs, need.ownMs + vertex.pathMs);
    vertex.unmet++;
    if (isOver) this.#move(need, "waiting");
    if (isOver) this.#move(need, "ready");
    else if (need.state === "ready") this.#pools.add(need);
    else if (need.state === "failed" || need.state === "skipped") {
      this.#skip([vertex], need.cause ?? need);
    }
  }

  #add(additions: Additions): Refusal | undefined {
    const added = this.#graph.add(additions);
    if (added.kind === "refused") return added.refusal;
    this.#counts.waiting += added.wanted.length;
    for (const vertices of [added.wanted, added.extended]) {
      for (const vertex of vertices) this.#settle(vertex);
    }
    for (const vertex of added.moved) if (vertex.state === "ready") this.#pools.add(vertex);
    return undefined;
  }

  /** Moves on a node that waits for nothing, or for what will never come. */
  #settle(vertex: Vertex): void {
    if (vertex.state !== "waiting") return;
    if (vertex.unmet === 0) this.#move(vertex, "ready");
    const bad = vertex.needs.find(({ state }) => state === "failed" || state === "skipped");
    if (bad !== undefined) this.#skip([vertex], bad.cause ?? bad);
  }

  /** Ends a node without result, and with it all that needs it. */
  #end(vertex: Vertex, state: "failed" | "skipped"): void {
    this.#move(vertex, state);
    this.#skip([...vertex.dependents], vertex);
    if (!this.#keepGoing) this.#halt();
  }

  #skip(doomed: Vertex[], cause: Vertex): void {
    for (const vertex of doomed) {
      if (vertex.state !== "waiting") continue;
      vertex.cause = cause;
      this.#move(vertex, "skipped");
      for (const next of vertex.dependents) doomed.push(next); // The loop goes on to these too.
    }
  }

  /** From now on nothing starts. */
  #halt(): void {
    if (this.#phase === "halted") return;
    this.#phase = "halted";
    for (const vertex of this.#graph.all()) {
      const isPending = vertex.state === "waiting" || vertex.state === "ready";
      if (vertex.isWanted && isPending) this.#move(vertex, "skipped");
    }
  }

  #startReady(effects: PlanEffect[]): void {
    if (this.#phase !== "going") return;
    for (let vertex = this.#pools.take(); vertex !== undefined; vertex = this.#pools.take()) {
      this.#move(vertex, "running");
      effects.push({ kind: "start", id: vertex.id });
    }
  }

  #endWhenIdle(effects: PlanEffect[]): void {
    if (this.#running.size > 0 || this.#phase === "new") return;
    this.#phase = "over";
    const { waiting, ready, failed, skipped } = this.#counts;
    if (waiting + ready > 0) throw new Error(`bug: the plan is stuck with ${waiting} waiting`);
    effects.push({ kind: "end", ok: failed + skipped === 0 });
  }

  /** The only place a state changes, so the counters cannot drift from the states. */
  #move(vertex: Vertex, to: PlanState): void {
    this.#counts[vertex.state]--;
    this.#counts[to]++;
    if (vertex.state === "running") {
      this.#running.delete(vertex);
      this.#pools.release(vertex);
    }
    vertex.state = to;
    if (to === "running") this.#running.add(vertex);
    if (to === "ready") this.#pools.add(vertex);
  }
}
