import { Plan } from "../../src/schedule/plan.ts";
import type { Finish, PlanEffect, PlanEvent } from "../../src/schedule/plan-event.ts";
import type { PlanNode } from "../../src/schedule/vertex.ts";

interface RigOptions {
  /** Absent: all nodes. */
  readonly goals?: readonly string[];
  /** Absent: no limit. */
  readonly jobs?: number;
  readonly capacities?: Readonly<Record<string, number>>;
  /** Absent: true. */
  readonly keepGoing?: boolean;
}

/**
 * A plan that tests talk to. `graph` reads like a Makefile: `"kernel: app lib, app:, lib:"`; behind
 * a name may stand its duration and what it takes, as in `"link[70 cpu=2 memory=100]: app"`.
 */
export function planRig(graph: string, options: RigOptions = {}) {
  const nodes = parseGraph(graph);
  const { jobs = Infinity, capacities, keepGoing = true } = options;
  const goals = options.goals ?? nodes.map(({ id }) => id);
  const plan = new Plan(nodes, { goals, capacities: { cpu: jobs, ...capacities }, keepGoing });
  const tell = (event: PlanEvent) => show(plan.advance(event));
  const finish = (id: string, how: Finish) => tell({ kind: "finished", id, ...how });
  return {
    plan,
    begin: () => tell({ kind: "begin" }),
    stop: () => tell({ kind: "stop" }),
    finish: (id: string) => finish(id, { outcome: "succeeded" }),
    fail: (id: string) => finish(id, { outcome: "failed" }),
    cancel: (id: string) => finish(id, { outcome: "cancelled" }),
    /** `id` is to start again when it can have `units` of cpu, and nothing else. */
    continues: (id: string, units: number) =>
      finish(id, { outcome: "continues", resources: { cpu: units } }),
    /** `id` needs that `lacking` are carried out again, which may be among the nodes `graph`. */
    lacks: (id: string, lacking: string, graph = "") =>
      finish(id, { outcome: "lacks", lacking: lacking.split(" "), adds: parseGraph(graph) }),
    /** `id` does the same as `awaited`, and is to start again when that is done. */
    awaits: (id: string, awaited: string) => finish(id, { outcome: "awaits", awaited }),
    /** Finishes `id`, which adds `graph`; `edges` reads `"image: link"`. */
    yields: (id: string, graph: string, edges = "", goals: string[] = []) =>
      finish(id, {
        outcome: "succeeded",
        adds: parseGraph(graph),
        edges: parseEdges(edges),
        goals,
      }),
    stateOf: (id: string) => plan.stateOf(id),
    causeOf: (id: string) => plan.causeOf(id),
  };
}

/** The nodes of `graph`, in the form that {@link planRig} describes. */
export function parseGraph(graph: string): PlanNode[] {
  return parts(graph).map(([head = "", needs = ""]) => {
    const [id = "", facts = ""] = head.trim().split(/[[\]]/);
    const words = facts.match(/\S+/g) ?? [];
    const pairs = words.filter((word) => word.includes("=")).map((word) => word.split("="));
    const resources = Object.fromEntries(pairs.map(([name, units]) => [name, Number(units)]));
    return {
      id,
      needs: needs.match(/\S+/g) ?? [],
      resources: { cpu: 1, ...resources },
      priorityMs: Number(words.find((word) => !word.includes("=")) ?? 0),
    };
  });
}

function parseEdges(edges: string): (readonly [string, string])[] {
  return parts(edges).flatMap(([from = "", needs = ""]) =>
    (needs.match(/\S+/g) ?? []).map((need) => [from.trim(), need] as const),
  );
}

function parts(text: string): string[][] {
  return text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => part.split(":"));
}

function show(effects: PlanEffect[]): string {
  return effects
    .map((effect) => {
      if (effect.kind === "start") return effect.id;
      if (effect.kind === "cancel") return `CANCEL ${effect.id}`;
      if (effect.kind === "refuse") return `REFUSE ${effect.id} ${JSON.stringify(effect.refusal)}`;
      return effect.ok ? "END ok" : "END failed";
    })
    .join(" ");
}
