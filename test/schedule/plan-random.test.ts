import fc from "fast-check";
import { expect, test } from "vitest";

import { Plan } from "../../src/schedule/plan.ts";
import type { PlanEffect } from "../../src/schedule/plan-event.ts";
import type { PlanNode } from "../../src/schedule/vertex.ts";

/** What happens in one random build. `brings` of a node are added when it finishes. */
interface Build {
  readonly nodes: readonly Step[];
  readonly cpus: number;
  readonly keepGoing: boolean;
  /** After how many finished nodes someone stops it. */
  readonly stopAfter: number;
  /** Which of the running nodes finishes next, by chance. */
  readonly picks: readonly number[];
}

interface Step extends PlanNode {
  readonly isBad: boolean;
  /** Node that brings it; itself: it is there from the beginning. */
  readonly broughtBy: string;
  /** How often it finds out, as it is about to end, that what it needs is gone. */
  readonly lacksTimes: number;
  /** Whether it finds, when it first starts, that another one that runs does the same. */
  readonly awaits: boolean;
}

const build: fc.Arbitrary<Build> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(), { maxLength: 4 }),
      cpu: fc.integer({ min: 0, max: 5 }),
      memory: fc.integer({ min: 0, max: 3 }),
      priorityMs: fc.nat(20),
      isBad: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      broughtBy: fc.option(fc.nat(), { freq: 3 }),
      lacksTimes: fc.integer({ min: 0, max: 9 }).map((n) => Math.max(0, n - 7)),
      awaits: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .chain((steps) =>
    fc.record({
      nodes: fc.constant(steps.map((step, i) => stepOf(step, i))),
      cpus: fc.integer({ min: 1, max: 4 }),
      keepGoing: fc.boolean(),
      stopAfter: fc.oneof(fc.constant(Infinity), fc.nat(40)),
      picks: fc.array(fc.nat(), { minLength: 41, maxLength: 41 }),
    }),
  );

/** Node `i` needs only nodes before it, so there is no cycle. What brings it, it needs as well. */
function stepOf(
  step: {
    needs: number[];
    cpu: number;
    memory: number;
    priorityMs: number;
    isBad: boolean;
    broughtBy: number | null;
    lacksTimes: number;
    awaits: boolean;
  },
  i: number,
): Step {
  const before = i === 0 ? [] : step.needs.map((need) => `n${need % i}`);
  const isBrought = step.broughtBy !== null && i > 0;
  const broughtBy = isBrought ? `n${(step.broughtBy ?? 0) % i}` : `n${i}`;
  return {
    id: `n${i}`,
    needs: isBrought ? [...before, broughtBy] : before,
    resources: { cpu: step.cpu, memory: step.memory },
    priorityMs: step.priorityMs,
    isBad: step.isBad,
    broughtBy,
    lacksTimes: step.lacksTimes,
    awaits: step.awaits,
  };
}

/** What must hold of any plan, kept beside the real one and asked at each step. */
class Model {
  readonly running = new Map<string, Step>();
  readonly done = new Set<string>();
  /** With those that are carried out again since: what waited for them then does so no longer. */
  readonly wereDone = new Set<string>();
  readonly #build: Build;
  readonly #steps: ReadonlyMap<string, Step>;
  isHalted = false;
  ends = 0;

  constructor(build: Build) {
    this.#build = build;
    this.#steps = new Map(build.nodes.map((node) => [node.id, node]));
  }

  take(effects: readonly PlanEffect[]): void {
    for (const effect of effects) {
      expect(this.ends).toBe(0);
      if (effect.kind === "end") this.ends++;
      if (effect.kind !== "start") continue;
      expect(this.isHalted).toBe(false);
      const step = this.#steps.get(effect.id)!;
      expect(step.needs.filter((need) => !this.wereDone.has(need))).toEqual([]);
      this.running.set(step.id, step);
      this.#checkPools();
    }
    if (this.running.size === 0) expect(this.ends).toBe(1);
  }

  #checkPools(): void {
    const steps = [...this.running.values()];
    const sum = (name: string) => steps.reduce((all, step) => all + step.resources[name]!, 0);
    if (steps.length === 1) return;
    expect(sum("cpu")).toBeLessThanOrEqual(this.#build.cpus);
    expect(sum("memory")).toBeLessThanOrEqual(memory);
  }
}

const memory = 4;

test("any plan, with failures, additions and a stop, keeps the order, the pools and its end", () => {
  fc.assert(fc.property(build, runAndCheck), { numRuns: 500 });
});

/** Only nodes that are there from the beginning, or that are reached from such, can be brought. */
function runAndCheck(build: Build): void {
  const model = new Model(build);
  const initial = build.nodes.filter(({ id, broughtBy }) => id === broughtBy && isStatic(id));
  const byId = new Map(build.nodes.map((node) => [node.id, node]));
  function isStatic(id: string): boolean {
    const node = build.nodes[Number(id.slice(1))]!;
    return node.broughtBy === id && node.needs.every(isStatic);
  }
  const known = new Set(initial.map(({ id }) => id));
  const plan = new Plan(initial, {
    goals: [...known],
    capacities: { cpu: build.cpus, memory },
    keepGoing: build.keepGoing,
  });
  model.take(plan.advance({ kind: "begin" }));
  const failed = new Set<string>();
  const lacked = new Map<string, number>();
  const awaited = new Map<string, string>();
  for (let step = 0; model.ends === 0; step++) {
    if (step === build.stopAfter) {
      model.isHalted = true;
      const effects = plan.advance({ kind: "stop" });
      const cancelled = effects.flatMap((one) => (one.kind === "cancel" ? [one.id] : []));
      expect(cancelled.sort()).toEqual([...model.running.keys()].sort());
      model.take(effects);
      continue;
    }
    const ids = [...model.running.keys()];
    const id = ids[build.picks[step % build.picks.length]! % ids.length]!;
    model.running.delete(id);
    const [other] = model.running.keys();
    if (byId.get(id)!.awaits && other !== undefined && !awaited.has(id)) {
      awaited.set(id, other);
      model.take(plan.advance({ kind: "finished", id, outcome: "awaits", awaited: other }));
      continue;
    }
    const times = lacked.get(id) ?? 0;
    if (times < byId.get(id)!.lacksTimes) {
      lacked.set(id, times + 1);
      const lacking = byId.get(id)!.needs.filter((_, index) => (index + step) % 3 !== 0);
      for (const need of model.isHalted ? [] : lacking) model.done.delete(need);
      model.take(plan.advance({ kind: "finished", id, outcome: "lacks", lacking }));
      continue;
    }
    if (byId.get(id)!.isBad) {
      failed.add(id);
      if (!build.keepGoing) model.isHalted = true;
      model.take(plan.advance({ kind: "finished", id, outcome: "failed" }));
      continue;
    }
    model.done.add(id);
    model.wereDone.add(id);
    // All that is complete once `id` is: brought by something done, with known needs.
    const adds: Step[] = [];
    for (const node of model.isHalted ? [] : build.nodes) {
      const isBrought = node.broughtBy === id || model.done.has(node.broughtBy);
      if (known.has(node.id) || !isBrought) continue;
      if (!node.needs.every((need) => known.has(need))) continue;
      known.add(node.id);
      adds.push(node);
    }
    const goals = adds.map((node) => node.id);
    model.take(plan.advance({ kind: "finished", id, outcome: "succeeded", adds, goals }));
  }
  const { done, isHalted } = model;
  checkEnd(build, plan, { known, failed, done, awaited, isHalted });
}

interface End {
  readonly known: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
  readonly done: ReadonlySet<string>;
  /** For which other one a node waited once. */
  readonly awaited: ReadonlyMap<string, string>;
  readonly isHalted: boolean;
}

function checkEnd({ nodes }: Build, plan: Plan, end: End): void {
  const { known, failed, done, awaited, isHalted } = end;
  const counts = { done: 0, failed: 0, skipped: 0 };
  for (const { id, needs } of nodes) {
    const state = plan.stateOf(id);
    if (!known.has(id)) {
      expect(state).toBeUndefined();
      continue;
    }
    const expected = done.has(id) ? "done" : failed.has(id) ? "failed" : "skipped";
    expect(state).toBe(expected);
    counts[expected]++;
    if (isHalted || expected !== "skipped") continue;
    // Nothing is skipped without a reason, and the reason is a failure.
    const waitedFor = [...needs, ...[awaited.get(id)].filter((other) => other !== undefined)];
    expect(waitedFor.some((need) => plan.stateOf(need) !== "done")).toBe(true);
    expect(failed).toContain(plan.causeOf(id));
  }
  for (const state of ["done", "failed", "skipped"] as const) {
    expect(plan.count(state)).toBe(counts[state]);
  }
  for (const state of ["waiting", "ready", "running"] as const) expect(plan.count(state)).toBe(0);
}

test("with one cpu, each node that starts heads the longest chain of those that could", () => {
  fc.assert(
    fc.property(build, ({ nodes }) => {
      const steps = nodes.map((node) => ({ ...node, resources: { cpu: 1 } }));
      const goals = steps.map(({ id }) => id);
      const plan = new Plan(steps, { goals, capacities: { cpu: 1 }, keepGoing: true });
      const paths = new Map<string, number>();
      for (const { id, priorityMs } of [...steps].reverse()) {
        const after = steps.filter(({ needs }) => needs.includes(id));
        paths.set(id, priorityMs + Math.max(0, ...after.map((node) => paths.get(node.id)!)));
      }
      const done = new Set<string>();
      let effects = plan.advance({ kind: "begin" });
      for (let first = effects[0]!; first.kind === "start"; first = effects[0]!) {
        const { id } = first;
        const able = steps.filter(
          (node) => !done.has(node.id) && node.needs.every((need) => done.has(need)),
        );
        const best = Math.max(...able.map((node) => paths.get(node.id)!));
        expect(able.find((node) => paths.get(node.id) === best)?.id).toBe(id);
        done.add(id);
        effects = plan.advance({ kind: "finished", id, outcome: "succeeded" });
      }
      expect(effects).toEqual([{ kind: "end", ok: true }]);
    }),
    { numRuns: 300 },
  );
});
