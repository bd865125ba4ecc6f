// Actions → results: the plan, driven, with events. Knows no workspace and no target.

import { setImmediate } from "node:timers/promises";

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import { assertNever } from "../base/brand.ts";
import type { Digest } from "../digest/digest.ts";
import { drive } from "../schedule/drive.ts";
import { Plan } from "../schedule/plan.ts";
import type { Finish } from "../schedule/plan-event.ts";
import type { Refusal } from "../schedule/plan-graph.ts";
import { aboutOf, type ActionEnd, endOf, startOf } from "./action-events.ts";
import { ActionGraph } from "./action-graph.ts";
import {
  type Carried,
  type Done,
  type EndFacts,
  factsIn,
  failureOf,
  type Ended,
  type Lacks,
  type MustRun,
} from "./done.ts";
import { type ActionFailure, type ActionOutcome } from "./event.ts";
import type { Execution, ExecutionRequest } from "./execution-request.ts";
import { noteEvidence } from "./evidence-notes.ts";
import { Executor } from "./executor.ts";
import { Explainer } from "./explainer.ts";
import { entryOf } from "./journaling.ts";
import { OpenActions } from "./open-actions.ts";
import type { Touched } from "./touched.ts";
import { capacitiesFor, resourcesToBegin, resourcesToRun } from "./looking-up.ts";
import { readAhead } from "./read-ahead.ts";
import { refuseSources } from "./refused-sources.ts";
import { RecordedDurations } from "./recorded-durations.ts";
import { filesOf, subBuildsFor } from "./taking-whole.ts";
import type { SubBuilds } from "./sub-builds.ts";
import { Tally } from "./tally.ts";
import type { Verifier } from "./verifier.ts";
import { askMeanwhile } from "./toolchain.ts";
import { verifierFor } from "./verifying.ts";
import { describeRefusal, listAt, readYielded } from "./yielded-list.ts";

/** Carries out what `wanted` needs of `actions`, and what those yield. Throws a StoreError. */
export async function execute(request: ExecutionRequest): Promise<Execution> {
  const execution = await new Work(request).run(request.signal);
  if (execution === "outgrown") throw new Error("bug: a first run has nothing to outgrow");
  return execution;
}

/** Actions to carry out, and those that were: each run only looks at what is still open. */
export class Work {
  readonly #request: ExecutionRequest;
  readonly #graph: ActionGraph;
  readonly #open = new OpenActions();
  readonly #executor: Executor;
  readonly #verifier: Verifier | undefined;
  readonly #durations: RecordedDurations;
  readonly #subBuilds: SubBuilds | undefined;
  /** By which action others were listed. */
  readonly #yielders = new Map<ExecPath, ExecPath>();
  /** What actions yielded that the graph has taken in: the digests of their lists. */
  readonly #yielded = new Map<ExecPath, Digest>();
  /** Actions of which no known result is of use. */
  readonly #mustRun = new Map<ExecPath, MustRun>();
  #tally = new Tally();
  /** Of the run that is under way, or was last. */
  #plan: Plan | undefined;
  /** Ends a run whose graph is no longer right. */
  #outgrown = new AbortController();

  constructor(request: ExecutionRequest) {
    this.#request = request;
    const { equipment, actions, listen, host, shared } = request;
    this.#durations = new RecordedDurations(equipment.records);
    this.#graph = new ActionGraph(actions.map(equipment.dated), {
      // A guess for what never ran: commands take longer than what the engine does itself.
      durationOf: (action) => this.#durations.of(action) || (action.kind === "command" ? 100 : 1),
      resourcesOf: resourcesToBegin(request),
    });
    this.#subBuilds = subBuildsFor(request);
    this.#executor = new Executor({
      ...equipment,
      runner: request.runner ?? equipment.runner,
      verifying: equipment.runner,
      host,
      shared,
      onlyShared: request.onlyShared === true,
      scope: request.scope,
      filesOf: filesOf(request),
      subBuilds: this.#subBuilds,
      mayLack: request.mayLack ?? (() => false),
      readBy: (id, reads) => {
        this.#open.noteReads(this.#action(id), reads);
        this.#subBuilds?.noteReads(id, reads);
      },
      explainer: new Explainer(equipment),
      starting: (action, { causes }) => {
        const about = { causes, recordedMs: this.#durations.of(action) };
        listen(startOf(action, { ...about, tellsCommands: request.tellsCommands === true }));
      },
      remembering: (action, { state, isTaken = false }) => {
        const before = equipment.records.of(actionId(action));
        noteEvidence(action, { before, state, isTaken }, equipment);
        this.#subBuilds?.noteSound(action);
      },
      progressing: (action, progress) =>
        listen({ kind: "action-progress", ...aboutOf(action), ...progress }),
    });
    this.#verifier = verifierFor(request, this.#executor);
  }

  /**
   * Carries out what is open. `outgrown` when an action yields others than before, so that there
   * has to be new work from the beginning.
   */
  async run(signal: AbortSignal): Promise<Execution | "outgrown"> {
    const { wanted, equipment, jobs, keepGoing, listen, host } = this.#request;
    if (this.#open.isNew) {
      await askMeanwhile(equipment.toolchain, this.#request.actions, () => {
        this.#open.begin(this.#graph.nodes(), this.#graph.goalsFor(wanted));
        readAhead(this.#open.plan(), this.#graph, equipment.inputs);
      });
    }
    this.#tally = new Tally(this.#open.settledCount);
    this.#durations.forget();
    const { nodes, goals } = this.#open.plan();
    const planned = nodes.map(({ id }) => this.#action(id));
    this.#tellPlan(planned);
    if (refuseSources(planned, this.#executor, listen)) {
      return { ok: false, counts: this.#tally.counts, savedMs: 0 };
    }
    // What an earlier round would have run may read something else by now.
    this.#mustRun.clear();
    const capacities = capacitiesFor(jobs, this.#request.remoteJobs);
    const plan = (this.#plan = new Plan(nodes, { goals, capacities, keepGoing }));
    const ok = await drive(plan, {
      run: (id, cancel) => this.#start(this.#action(id), cancel),
      prepare: (id) => this.#executor.prepare(this.#action(id)),
      refuse: (id, refusal) => this.#refuse(this.#action(id), refusal),
      signal: AbortSignal.any([signal, this.#outgrown.signal]),
      rest: () => equipment.later.some(host.now),
      breathe: () => setImmediate(),
      now: host.now,
    });
    this.#open.settle((id) => plan.stateOf(id));
    if (this.#outgrown.signal.aborted) return "outgrown";
    for (const id of this.#open.ids()) {
      if (plan.stateOf(id) !== "skipped") continue;
      this.#count(this.#action(id), { outcome: "skipped", wallMs: 0 });
    }
    if (ok) this.#subBuilds?.save();
    if (this.#verifier !== undefined) listen({ kind: "notice", message: this.#verifier.summary });
    const { counts, savedMs } = this.#tally;
    return { ok: ok && !this.#verifier?.differences, counts, savedMs };
  }

  /** All actions so far. */
  get graph(): Pick<ActionGraph, "all" | "makerOf"> {
    return this.#graph;
  }

  /** Whether any action reads what `touched` names. */
  isReachedBy(touched: Touched): boolean {
    return this.#reached(touched).size > 0;
  }

  /** Opens again whatever reads what `touched` names, and what needs that. */
  touch(touched: Touched): void {
    this.#open.reopen(this.#reached(touched));
    this.#executor.forget();
  }

  #reached(touched: Touched): ReadonlySet<ExecPath> {
    return this.#open.reached(touched, this.#graph.all());
  }

  #tellPlan(planned: readonly Action[]): void {
    const { listen, jobs } = this.#request;
    listen({ kind: "planned", actions: planned.length, jobs, ...this.#durations.sumOf(planned) });
  }

  #start(action: Action, signal: AbortSignal): Finish | Promise<Finish> {
    const mustRun = this.#mustRun.get(actionId(action));
    this.#mustRun.delete(actionId(action));
    const found = mustRun?.run(signal) ?? this.#executor.execute(action, signal);
    if (found instanceof Promise) return found.then((late) => this.#take(action, late, signal));
    return this.#take(action, found, signal);
  }

  #take(action: Action, found: Carried, signal: AbortSignal): Finish | Promise<Finish> {
    if (found.kind === "must-run") {
      this.#mustRun.set(actionId(action), found);
      return { outcome: "continues", resources: resourcesToRun(action, this.#request) };
    }
    if (found.kind === "lacks" || found.kind === "awaits") return this.#finish(action, found);
    const verifier = this.#verifier;
    if (!verifier?.chooses(action, found)) return this.#finish(action, found);
    const run = (cancel: AbortSignal) => verifier.runAgain(action, found, cancel);
    if (this.#request.shared === undefined) {
      return run(signal).then((late) => this.#take(action, late, signal));
    }
    // It looked for its result, for which it took no CPU.
    this.#mustRun.set(actionId(action), { kind: "must-run", run });
    return {
      outcome: "continues",
      resources: resourcesToRun(action, { jobs: this.#request.jobs }),
    };
  }

  #finish(action: Action, done: Ended): Finish | Promise<Finish> {
    switch (done.kind) {
      case "lacks":
        return this.#lack(action, done);
      case "awaits":
        return { outcome: "awaits", awaited: done.other };
      case "cancelled":
        return { outcome: "cancelled" };
      case "failed":
        this.#note(action, done);
        return this.#fail(action, done);
      case "succeeded": {
        this.#note(action, done);
        this.#subBuilds?.noteEnd(action, done.printed);
        if (done.printed !== "") {
          const text = done.printed;
          this.#request.listen({ kind: "action-printed", ...aboutOf(action), text });
        }
        if (action.yields !== undefined) return this.#grow(action, action.yields, done);
        this.#count(action, done);
        return { outcome: "succeeded" };
      }
      default:
        return assertNever(done);
    }
  }

  /** Has what `action` lacks made again, unless that is impossible, or was of no use so far. */
  #lack(action: Action, { paths, message }: Lacks): Finish {
    const makers = paths.map((path) => this.#graph.makerOf(path));
    if (makers.includes(undefined)) return this.#failFor(action, message);
    const lacking = [...new Set(makers.flatMap((maker) => (maker ? [actionId(maker)] : [])))];
    // One that is being made again already is waited for as well; one of an earlier round is new.
    const lost = lacking.filter((id) => (this.#plan?.stateOf(id) ?? "done") === "done");
    for (const id of lost) {
      if (!this.#executor.noteLoss(this.#action(id))) {
        return this.#failFor(action, `${message}, however often it is made`);
      }
    }
    for (const id of lost) this.#tally.takeBack(id);
    const adds = this.#open.reopenAlone(lost.filter((id) => this.#plan?.stateOf(id) === undefined));
    this.#tellLost(action, lost);
    return { outcome: "lacks", lacking, adds };
  }

  #failFor(action: Action, message: string, end: EndFacts = { wallMs: 0 }): Finish {
    return this.#fail(action, { ...end, failure: failureOf(message) });
  }

  #tellLost(action: Action, lost: readonly ExecPath[]): void {
    if (lost.length === 0) return;
    const recorded = this.#durations.sumOf(lost.map((id) => this.#action(id)));
    const event = { kind: "outputs-lost", ...aboutOf(action), ...recorded } as const;
    this.#request.listen({ ...event, actions: lost.length });
  }

  #note(action: Action, done: Exclude<Done, { kind: "cancelled" }>): void {
    if (done.why === undefined) return;
    const { journal, equipment, host } = this.#request;
    const entry = entryOf(action, done, {
      inputs: equipment.inputs,
      makerOf: (path) => this.#graph.makerOf(path),
      yielderOf: (id) => this.#yielders.get(id),
      epochMs: host.epochMs,
    });
    if (entry !== undefined) journal?.add(entry, action.outputs);
  }

  /** Takes in the actions that `action` has listed at `path`. */
  async #grow(
    action: Action,
    path: ExecPath,
    done: Extract<Done, { kind: "succeeded" }>,
  ): Promise<Finish> {
    const { equipment, listen, host } = this.#request;
    const digest = listAt(path, equipment);
    const known = this.#yielded.get(actionId(action));
    if (known !== undefined) {
      if (known !== digest) this.#outgrown.abort();
      this.#count(action, done);
      return { outcome: "succeeded" };
    }
    const list = readYielded(digest, action, equipment);
    const growth = "problem" in list ? list : this.#graph.grow(list.actions);
    if ("problem" in growth) {
      const message = `the actions in ${path} cannot be taken in: ${growth.problem}`;
      return this.#failFor(action, message, done);
    }
    if ("problem" in list) throw new Error("bug: a problem that grew");
    const { actions: yielded } = list;
    this.#yielded.set(actionId(action), list.digest);
    this.#open.grow(growth);
    await equipment.toolchain.add(yielded);
    if (refuseSources(yielded, this.#executor, listen)) {
      return this.#failFor(action, "sources that it asks for cannot be had", done);
    }
    const parts = { yielder: action, list: list.digest, yielded, graph: this.#graph };
    const taken = (await this.#subBuilds?.open(parts)) ?? 0;
    // Steps of a kernel are compiled, and each text and list of headers is garbage after its step.
    if (taken < yielded.length) host.spendYoungMemory?.();
    const recorded = this.#durations.sumOf(yielded);
    const event = { kind: "actions-yielded", ...aboutOf(action), ...recorded } as const;
    listen({ ...event, actions: yielded.length, ...(taken > 0 && { takenAsWhole: taken }) });
    for (const one of yielded) this.#yielders.set(actionId(one), actionId(action));
    this.#count(action, done);
    return { outcome: "succeeded", ...growth };
  }

  /** The plan could not take in what `action` yielded, so it failed after all. */
  #refuse(action: Action, refusal: Refusal): void {
    this.#tally.takeBack(actionId(action));
    this.#failFor(action, `the actions that it yields cannot be: ${describeRefusal(refusal)}`);
  }

  #fail(action: Action, { failure, ...facts }: EndFacts & { failure: ActionFailure }): Finish {
    this.#tally.add(actionId(action), "failed");
    this.#tellFinish(action, { outcome: "failed", failure, ...factsIn(facts) });
    return { outcome: "failed" };
  }

  #count(action: Action, { outcome, ...facts }: EndFacts & { outcome: ActionOutcome }): void {
    this.#tally.add(actionId(action), outcome, facts.savedMs);
    this.#tellFinish(action, { outcome, ...factsIn(facts) });
  }

  #tellFinish(action: Action, end: ActionEnd): void {
    const recordedMs = this.#durations.of(action);
    const after = this.#plan?.releaserOf(actionId(action));
    this.#request.listen(endOf(action, { recordedMs, after, end }));
  }

  #action(id: ExecPath): Action {
    const action = this.#graph.find(id);
    if (action === undefined) throw new Error(`bug: no action ${id}`);
    return action;
  }
}
