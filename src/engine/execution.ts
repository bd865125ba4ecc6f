// Actions → results: the plan, driven, with events. Knows no workspace and no target.

import { setImmediate } from "node:timers/promises";

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import { parseYielded } from "../action/yielded.ts";
import { assertNever } from "../base/brand.ts";
import type { Host } from "../base/host.ts";
import type { Digest } from "../digest/digest.ts";
import { drive } from "../schedule/drive.ts";
import { Plan } from "../schedule/plan.ts";
import type { Finish } from "../schedule/plan-event.ts";
import type { Refusal } from "../schedule/plan-graph.ts";
import type { Journal } from "../why/journal.ts";
import type { PlanNode } from "../schedule/vertex.ts";
import { aboutOf, endOf, startOf } from "./action-events.ts";
import { ActionGraph, resourcesOf } from "./action-graph.ts";
import {
  type Carried,
  causesIn,
  type Done,
  type EndFacts,
  type Ended,
  type Lacks,
  type MustRun,
} from "./done.ts";
import type { Equipment } from "./equipment.ts";
import {
  type ActionCounts,
  type ActionFailure,
  type ActionFinished,
  type ActionOutcome,
  type Listen,
  noActions,
} from "./event.ts";
import { noteEvidence } from "./evidence-notes.ts";
import { Executor } from "./executor.ts";
import { Explainer } from "./explainer.ts";
import { entryOf } from "./journaling.ts";
import { OpenActions } from "./open-actions.ts";
import type { Touched } from "./touched.ts";
import { type Download, filesWantedFor, lookUpsAtOnce, resourcesToLookUp } from "./looking-up.ts";
import { RecordedDurations } from "./recorded-durations.ts";
import type { SharedResults } from "./shared-results.ts";
import { Verifier } from "./verifier.ts";

/** What to carry out, and how. */
export interface ExecutionRequest {
  readonly actions: readonly Action[];
  /** The outputs that are wanted. */
  readonly wanted: readonly ExecPath[];
  /** The outputs that are to be laid out; absent: those that are wanted. */
  readonly placed?: readonly ExecPath[];
  readonly equipment: Equipment;
  readonly jobs: number;
  readonly keepGoing: boolean;
  /** How many of the known results to verify, from 0 to 1; absent: none. */
  readonly verifyShare?: number;
  /** Where it is written down what was not up to date, and why; absent: nowhere. */
  readonly journal?: Pick<Journal, "add">;
  /** Results of other machines; absent: there are none. */
  readonly shared?: SharedResults | undefined;
  /** Which files of them come here; absent: all. */
  readonly download?: Download;
  /** See `ExecutorParts`; absent: of none. */
  readonly mayLack?: (action: Action) => boolean;
  /** See `KeySource`. */
  readonly scope?: string | undefined;
  /** Whether events say which commands run; absent: they do not, as that is much text. */
  readonly tellsCommands?: boolean;
  readonly listen: Listen;
  readonly host: Pick<Host, "now" | "epochMs" | "processId">;
  readonly signal: AbortSignal;
}

/** What became of the actions. */
export interface Execution {
  /** True when all that is wanted is there. */
  readonly ok: boolean;
  readonly counts: ActionCounts;
}

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
  readonly #open: OpenActions;
  readonly #executor: Executor;
  readonly #verifier: Verifier | undefined;
  readonly #durations: RecordedDurations;
  /** Of the actions that yielded others: the plan may refuse those, after it was counted. */
  readonly #grown = new Map<ExecPath, ActionOutcome>();
  /** By which action others were listed. */
  readonly #yielders = new Map<ExecPath, ExecPath>();
  /** What actions yielded that the graph has taken in: the digests of their lists. */
  readonly #yielded = new Map<ExecPath, Digest>();
  /** Actions of which no known result is of use. */
  readonly #mustRun = new Map<ExecPath, MustRun>();
  #counts: Record<ActionOutcome, number> = { ...noActions };
  /** As they were counted in this run. */
  readonly #outcomes = new Map<ExecPath, ActionOutcome>();
  /** Of the run that is under way, or was last. */
  #plan: Plan | undefined;
  /** Ends a run whose graph is no longer right. */
  #outgrown = new AbortController();

  constructor(request: ExecutionRequest) {
    this.#request = request;
    const { equipment, actions, listen, host, shared } = request;
    this.#open = new OpenActions();
    this.#durations = new RecordedDurations(equipment.records);
    this.#graph = new ActionGraph(actions.map(equipment.dated), {
      // A guess for what never ran: commands take longer than what the engine does itself.
      durationOf: (action) => this.#durations.of(action) || (action.kind === "command" ? 100 : 1),
      ...(shared !== undefined && { resourcesOf: resourcesToLookUp }),
    });
    this.#executor = new Executor({
      ...equipment,
      host,
      shared,
      scope: request.scope,
      filesOf: filesWantedFor(request.download ?? "all", request.placed ?? request.wanted),
      mayLack: request.mayLack ?? (() => false),
      readBy: (id, reads) => this.#open.noteReads(this.#action(id), reads),
      explainer: new Explainer(equipment),
      starting: (action, { causes }) => {
        const recordedMs = this.#durations.of(action);
        const { tellsCommands = false } = request;
        listen(startOf(action, { causes, recordedMs, tellsCommands }));
      },
      remembering: (action, state) => {
        const before = equipment.records.of(actionId(action));
        noteEvidence(action, { before, state }, equipment);
      },
      progressing: (action, progress) =>
        listen({ kind: "action-progress", ...aboutOf(action), ...progress }),
    });
    const share = request.verifyShare ?? 0;
    if (share > 0) {
      this.#verifier = new Verifier({
        share,
        seed: String(host.epochMs()),
        again: (action, signal) => this.#executor.again(action, signal),
        outputAt: (path) => equipment.inputs.outputAt(path),
      });
    }
  }

  /**
   * Carries out what is open. `outgrown` when an action yields others than before, so that there
   * has to be new work from the beginning.
   */
  async run(signal: AbortSignal): Promise<Execution | "outgrown"> {
    const { wanted, equipment, jobs, keepGoing, listen, host } = this.#request;
    if (this.#open.isNew) {
      await equipment.toolchain.add(this.#request.actions);
      this.#open.begin(this.#graph.nodes(), this.#graph.goalsFor(wanted));
    }
    this.#counts = { ...noActions, upToDate: this.#open.settledCount };
    this.#durations.forget();
    const { nodes, goals } = this.#open.plan();
    this.#tellPlan(nodes);
    if (this.#refuseSources(nodes.map(({ id }) => this.#action(id)))) {
      return { ok: false, counts: this.#counts };
    }
    // What an earlier round would have run may read something else by now.
    this.#mustRun.clear();
    this.#outcomes.clear();
    const capacities = { cpu: jobs, console: 1, ...networkCapacities };
    const plan = new Plan(nodes, { goals, capacities, keepGoing });
    this.#plan = plan;
    const ok = await drive(plan, {
      run: (id, cancel) => this.#start(this.#action(id), cancel),
      refuse: (id, refusal) => this.#refuse(this.#action(id), refusal),
      signal: AbortSignal.any([signal, this.#outgrown.signal]),
      breathe: () => setImmediate(),
      now: host.now,
    });
    this.#open.settle((id) => plan.stateOf(id));
    if (this.#outgrown.signal.aborted) return "outgrown";
    for (const id of this.#open.ids()) {
      if (plan.stateOf(id) === "skipped") {
        this.#count(this.#action(id), { outcome: "skipped", wallMs: 0 });
      }
    }
    if (this.#verifier !== undefined) listen({ kind: "notice", message: this.#verifier.summary });
    return { ok, counts: this.#counts };
  }

  /**
   * Tells of the sources of `actions` that are not to be had as this build is to be, and whether
   * there are any. All at once: who is on a train wants to know all that is missing before it leaves.
   */
  #refuseSources(actions: readonly Action[]): boolean {
    const refusals = this.#executor.refusalsOf(actions);
    for (const { code, message, help } of refusals) {
      const diagnostic = { severity: "error", code, message, help } as const;
      this.#request.listen({ kind: "diagnostic", diagnostic });
    }
    return refusals.length > 0;
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

  #tellPlan(nodes: readonly PlanNode[]): void {
    const { listen, jobs } = this.#request;
    const recorded = this.#durations.sumOf(nodes.map(({ id }) => this.#action(id)));
    listen({ kind: "planned", actions: nodes.length, jobs, ...recorded });
  }

  #start(action: Action, signal: AbortSignal): Finish | Promise<Finish> {
    const found = this.#carryOut(action, signal);
    if (found instanceof Promise) return found.then((late) => this.#take(action, late, signal));
    return this.#take(action, found, signal);
  }

  #carryOut(action: Action, signal: AbortSignal): Carried | Promise<Carried> {
    const id = actionId(action);
    const mustRun = this.#mustRun.get(id);
    if (mustRun === undefined) return this.#executor.execute(action, signal);
    this.#mustRun.delete(id);
    return mustRun.run(signal);
  }

  #take(action: Action, found: Carried, signal: AbortSignal): Finish | Promise<Finish> {
    if (found.kind === "must-run") {
      this.#mustRun.set(actionId(action), found);
      return { outcome: "continues", resources: resourcesOf(action) };
    }
    if (found.kind === "lacks") return this.#lack(action, found);
    const done = this.#verifier?.verify(action, found, signal) ?? found;
    if (done instanceof Promise) return done.then((late) => this.#finish(action, late));
    return this.#finish(action, done);
  }

  #finish(action: Action, done: Ended): Finish | Promise<Finish> {
    switch (done.kind) {
      case "lacks":
        return this.#lack(action, done);
      case "cancelled":
        return { outcome: "cancelled" };
      case "failed":
        this.#note(action, done);
        this.#fail(action, done);
        return { outcome: "failed" };
      case "succeeded": {
        this.#note(action, done);
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
    const makers = new Map<ExecPath, Action>();
    for (const path of paths) {
      const maker = this.#graph.makerOf(path);
      if (maker === undefined) return this.#failFor(action, message);
      makers.set(actionId(maker), maker);
    }
    const lacking = [...makers.keys()];
    // One that is being made again already is waited for as well; one of an earlier round is new.
    const lost = lacking.filter((id) => (this.#plan?.stateOf(id) ?? "done") === "done");
    for (const id of lost) {
      if (!this.#executor.noteLoss(this.#action(id))) {
        return this.#failFor(action, `${message}, however often it is made`);
      }
    }
    const before = lost.flatMap((id) => this.#outcomes.get(id) ?? []);
    for (const outcome of before) this.#counts[outcome] -= 1;
    const adds = this.#open.reopenAlone(lost.filter((id) => this.#plan?.stateOf(id) === undefined));
    this.#counts.upToDate -= adds.length;
    this.#tellLost(action, lost);
    return { outcome: "lacks", lacking, adds };
  }

  #failFor(action: Action, message: string): Finish {
    this.#fail(action, { failure: failureOf(message), wallMs: 0 });
    return { outcome: "failed" };
  }

  #tellLost(action: Action, lost: readonly ExecPath[]): void {
    if (lost.length === 0) return;
    const recorded = this.#durations.sumOf(lost.map((id) => this.#action(id)));
    const about = aboutOf(action);
    this.#request.listen({ kind: "outputs-lost", ...about, actions: lost.length, ...recorded });
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
    const { inputs, store, toolchain, dated } = this.#request.equipment;
    const node = inputs.outputAt(path);
    const digest = node?.kind === "file" ? node.digest : undefined;
    const known = this.#yielded.get(actionId(action));
    if (known !== undefined) {
      if (known !== digest) this.#outgrown.abort();
      this.#count(action, done);
      return { outcome: "succeeded" };
    }
    const text = digest === undefined ? undefined : store.cas.read(digest)?.toString();
    const yielded =
      text === undefined ? { problem: "it is gone" } : parseYielded(text, action.owner);
    const growth = "problem" in yielded ? yielded : this.#graph.grow(yielded.map(dated));
    if ("problem" in growth) {
      const failure = failureOf(`the actions in ${path} cannot be taken in: ${growth.problem}`);
      this.#fail(action, { ...done, failure });
      return { outcome: "failed" };
    }
    if ("problem" in yielded || digest === undefined) throw new Error("bug: a problem that grew");
    this.#yielded.set(actionId(action), digest);
    this.#open.grow(growth);
    await toolchain.add(yielded);
    if (this.#refuseSources(yielded)) {
      this.#fail(action, { ...done, failure: failureOf("sources that it asks for cannot be had") });
      return { outcome: "failed" };
    }
    const recorded = this.#durations.sumOf(yielded);
    const about = aboutOf(action);
    const actions = yielded.length;
    this.#request.listen({ kind: "actions-yielded", ...about, actions, ...recorded });
    this.#grown.set(actionId(action), done.outcome);
    for (const one of yielded) this.#yielders.set(actionId(one), actionId(action));
    this.#count(action, done);
    return { outcome: "succeeded", ...growth };
  }

  /** The plan could not take in what `action` yielded, so it failed after all. */
  #refuse(action: Action, refusal: Refusal): void {
    this.#counts[this.#grown.get(actionId(action)) ?? "executed"] -= 1;
    const why =
      refusal.kind === "cycle"
        ? `they need each other: ${refusal.ids.join(" -> ")}`
        : `${refusal.id} is ${refusal.kind}`;
    const failure = failureOf(`the actions that it yields cannot be: ${why}`);
    this.#fail(action, { failure, wallMs: 0 });
  }

  #fail(action: Action, { failure, wallMs, why }: EndFacts & { failure: ActionFailure }): void {
    this.#counts.failed += 1;
    this.#tellFinish(action, { outcome: "failed", wallMs, failure, ...causesIn(why) });
  }

  #count(action: Action, { outcome, wallMs, why }: EndFacts & { outcome: ActionOutcome }): void {
    this.#counts[outcome] += 1;
    this.#outcomes.set(actionId(action), outcome);
    this.#tellFinish(action, { outcome, wallMs, ...causesIn(why) });
  }

  #tellFinish(
    action: Action,
    end: Pick<ActionFinished, "outcome" | "wallMs" | "failure" | "causes">,
  ): void {
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

/** Of fetches: servers and lines are shared with others; more at once is no faster. */
const networkCapacities = { network: 8, "look-up": lookUpsAtOnce };

function failureOf(message: string): ActionFailure {
  return { message, lastLines: "", reasons: [] };
}
