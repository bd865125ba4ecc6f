// Carries out one action: known result, cached result, or a run. Knows no plan.

import type { Action, ExecPath } from "../action/action.ts";
import { actionId } from "../action/action.ts";
import { type Fact, factsOf } from "../action/facts.ts";
import type { ActionKey } from "../action/key.ts";
import type { ActionResult } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import type { Digest } from "../digest/digest.ts";
import type { Store } from "../store/store.ts";
import { Compiler } from "./compiler.ts";
import { type Demand, filesFor, isMadeAgain, lostOutput, readFor, trusts } from "./demand.ts";
import {
  type Carried,
  type Done,
  type Ended,
  failed,
  type Lacks,
  failedRun,
  type Why,
} from "./done.ts";
import type { Explainer } from "./explainer.ts";
import { Fetcher, type Sourcing, type SourceRefusal } from "./fetcher.ts";
import type { FetchProgress } from "./fetching.ts";
import { type Input, InputProblem, type Inputs } from "./inputs.ts";
import { LostOutput, refuseLost } from "./lost-output.ts";
import { aboutKey, identitiesOf, keyOfRun } from "./key-of-run.ts";
import { groupOf } from "./looking-up.ts";
import { mountedAction, mountedInputs } from "./mounted.ts";
import { Preparation } from "./preparation.ts";
import type { ReadSet, Records } from "./records.ts";
import { Results } from "./results.ts";
import type { Ran, Running } from "./runner.ts";
import type { FilesWanted, SharedResults } from "./shared-results.ts";
import { type ActionState, isStateOf, stateOf } from "./state-of.ts";
import type { SubBuilds } from "./sub-builds.ts";
import type { Toolchain } from "./toolchain.ts";

/** What carrying out takes. */
export interface ExecutorParts {
  readonly store: Store;
  readonly records: Records;
  readonly inputs: Inputs;
  readonly toolchain: Toolchain;
  /** Runs what nobody knows the result of. */
  readonly runner: Running;
  /** Runs what is to be compared; absent: the same. */
  readonly verifying?: Running;
  readonly sourcing: Sourcing;
  readonly host: Pick<Host, "epochMs" | "now" | "processId">;
  /** Hears that an action is about to run, and why. */
  readonly starting: (action: Action, why: Why) => void;
  readonly explainer: Explainer;
  /** Hears what a result that is to be remembered came from. */
  readonly remembering: (action: Action, state: ActionState) => void;
  /** Hears what the compiler read for the result of an action that is taken in. */
  readonly readBy: (id: ExecPath, reads: ReadSet) => void;
  /** Hears how far an action is that fetches. */
  readonly progressing: (action: Action, progress: FetchProgress) => void;
  /** Results of other machines; absent: there are none. */
  readonly shared?: SharedResults | undefined;
  /**
   * Whether only those count as known, as they are to be looked into: what is known here may well come from
   * them. Then nothing is remembered.
   */
  readonly onlyShared: boolean;
  /** Which files of a result of others are to be here when `action` is done. */
  readonly filesOf: (action: Action) => FilesWanted;
  /** What is known of many actions at once; absent: nothing. */
  readonly subBuilds?: Pick<SubBuilds, "take"> | undefined;
  /** Whether the files of an action's known result may be gone, as long as nobody reads them. */
  readonly mayLack: (action: Action) => boolean;
  /** See `KeySource`. */
  readonly scope?: string | undefined;
}

/** Carries out actions, whose needs must be done before. */
export class Executor {
  readonly #parts: ExecutorParts;
  /** How often outputs of actions were found to be lost. */
  readonly #losses = new Map<ExecPath, number>();

  readonly #results: Results;
  readonly #compiler: Compiler;
  readonly #fetcher: Fetcher;
  readonly #preparation: Preparation;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    this.#results = new Results(parts);
    this.#compiler = new Compiler({ ...parts, results: this.#results });
    this.#fetcher = new Fetcher({ ...parts, results: this.#results });
    this.#preparation = new Preparation(parts);
  }

  /** Why sources that `actions` want are not to be had as this build is to be. */
  refusalsOf(actions: Iterable<Action>): readonly SourceRefusal[] {
    const refusals = new Map<string, SourceRefusal>();
    for (const action of actions) {
      const refusal = action.kind === "fetch" ? this.#fetcher.refusalOf(action) : undefined;
      if (refusal !== undefined) refusals.set(refusal.message, refusal);
    }
    return [...refusals.values()];
  }

  /**
   * Ends with a value at once when the result is known here. Where results are shared, what has to
   * run waits to be told to. Throws a StoreError.
   */
  execute(action: Action, signal: AbortSignal): Carried | Promise<Carried> {
    const missing = this.#parts.toolchain.missingOf(action);
    if (missing !== undefined) return failed(missing, "missing-tool");
    if (action.kind === "fetch") {
      return this.#fetcher.execute(action, this.#demandOn(action), signal);
    }
    const known = this.#parts.subBuilds?.take(action, this.#demandOn(action));
    if (known !== undefined) return known;
    try {
      if (action.kind === "compile") {
        const carried = this.#compiler.execute(action, this.#demandOn(action), signal);
        return carried instanceof Promise ? this.#guarded(carried) : carried;
      }
      return this.#begin(action, signal);
    } catch (error) {
      return recovered(error);
    }
  }

  /**
   * Finds out what it takes to run `action`, which is the next to be carried out as it seems: there
   * is time for that while others run, and none when a job slot waits for it.
   */
  prepare(action: Action): void {
    const { shared, onlyShared } = this.#parts;
    // Those who look for results elsewhere first do so long before they take a slot.
    if (shared === undefined && !onlyShared) this.#preparation.prepare(action);
  }

  /**
   * Takes note that outputs of `action` are lost, so that it makes them when it is executed next.
   * False when it has done so often enough.
   */
  noteLoss(action: Action): boolean {
    const id = actionId(action);
    const times = (this.#losses.get(id) ?? 0) + 1;
    this.#losses.set(id, times);
    this.#preparation.forget();
    return times <= maxReruns;
  }

  /** Forgets where headers were found, and what was lost, as something changed. */
  forget(): void {
    this.#compiler.forget();
    this.#preparation.forget();
    this.#losses.clear();
  }

  /** Runs `action` whatever is known of it, and remembers nothing. Throws an InputProblem. */
  async again(action: Action, signal: AbortSignal): Promise<Ran | Lacks> {
    const inputs = this.#parts.inputs.of(action);
    await this.#parts.shared?.fetch(inputs.map(({ node }) => node));
    try {
      refuseLost(inputs);
      if (action.kind === "compile") return await this.#compiler.again(action, signal);
      const { verifying, runner } = this.#parts;
      return await (verifying ?? runner).run(
        mountedAction(action),
        mountedInputs(action, inputs),
        signal,
      );
    } catch (error) {
      if (!(error instanceof LostOutput)) throw error;
      return { kind: "lacks", paths: error.paths, message: error.message };
    }
  }

  /** `carried`, with whatever goes wrong as a value where it can be mended. */
  async #guarded(carried: Promise<Carried>): Promise<Carried> {
    const found = await carried.catch(recovered);
    if (found.kind !== "must-run") return found;
    return { kind: "must-run", run: (later) => found.run(later).catch(recovered) };
  }

  #demandOn(action: Action): Demand {
    const losses = this.#losses.get(actionId(action)) ?? 0;
    return { isWhole: losses > 0 || !this.#parts.mayLack(action), losses };
  }

  #begin(action: Action, signal: AbortSignal): Carried | Promise<Carried> {
    const prepared = this.#preparation.take(action);
    const inputs = prepared?.inputs ?? this.#parts.inputs.of(action);
    const { records, toolchain, store, explainer, shared, onlyShared } = this.#parts;
    const demand = this.#demandOn(action);
    const record = onlyShared ? undefined : records.of(actionId(action));
    const { identities } = toolchain;
    if (record !== undefined && isStateOf(record, { action, inputs, toolchain: identities })) {
      if (this.#results.adopt(record, demand)) return upToDate;
    }
    const state = prepared?.state ?? stateOf(action, inputs, identities);
    if (record?.fingerprint === state.fingerprint && this.#results.adopt(record, demand)) {
      return upToDate;
    }
    const key = prepared?.key ?? this.#keyOf(action, inputs);
    const cached = onlyShared ? undefined : readFor(demand, key.digest, store.actionCache);
    const why = {
      causes: isMadeAgain(demand) ? lostOutput : explainer.causesOf(action, record, state),
      before: record?.outputs,
      key: key.digest,
    };
    if (cached !== undefined) {
      const isOffered = action.kind !== "write" && shared?.gives === true;
      if (isOffered) {
        const about = aboutKey(key);
        shared.offer({ key: key.digest, result: cached, about, group: groupOf(action) });
      }
      return this.#hit({ action, state, why }, cached, "localHit");
    }
    const run = { action, inputs, state, ...keptOf(key), why, signal, demand };
    if (shared !== undefined) return this.#guarded(this.#lookUp(run, shared));
    refuseLost(inputs);
    return this.#run(run);
  }

  /** Looks for the result at other machines. */
  async #lookUp(run: Run, shared: SharedResults): Promise<Carried> {
    const { action, key, demand } = run;
    const { outputs } = mountedAction(action);
    const files = filesFor(demand, this.#parts.filesOf(action));
    // What is written costs less than asking for it.
    const isAsked = action.kind !== "write" && trusts(demand);
    const found = isAsked
      ? await shared.find(key, { files, outputs, group: groupOf(action) })
      : undefined;
    if (found !== undefined) return this.#hit(run, found, "remoteHit");
    if (run.signal.aborted) return { kind: "cancelled" };
    return { kind: "must-run", run: (signal) => this.#run({ ...run, signal }) };
  }

  /** All that decides the result of `action`, of which the inputs are known. */
  factsOf(action: Action): readonly Fact[] {
    const { inputs, toolchain, scope } = this.#parts;
    const mounted = mountedAction(action);
    const found = mountedInputs(action, inputs.of(action));
    const nodes = new Map(found.map(({ staged, node }) => [staged.path, node]));
    const identities = identitiesOf(mounted, toolchain);
    return factsOf({ action: mounted, inputs: nodes, toolchain: identities, scope });
  }

  #keyOf(action: Action, inputs: readonly Input[]): ActionKey {
    return keyOfRun(mountedAction(action), mountedInputs(action, inputs), this.#parts);
  }

  #hit(
    { action, state, why }: Pick<Run, "action" | "state" | "why">,
    result: ActionResult,
    outcome: "localHit" | "remoteHit",
  ): Done {
    this.#results.take(action, result, { state });
    const printed = this.#results.printedBy(action, result);
    return { kind: "succeeded", outcome, wallMs: 0, printed, why };
  }

  async #run(run: Run): Promise<Ended> {
    const { action, inputs, why, signal } = run;
    const { runner, starting, store, inputs: known, shared } = this.#parts;
    let ran: Ran;
    try {
      if (shared !== undefined) {
        await shared.fetch(inputs.map(({ node }) => node));
        refuseLost(inputs);
      }
      starting(action, why);
      ran = await runner.run(mountedAction(action), mountedInputs(action, inputs), signal);
    } catch (error) {
      return recovered(error);
    }
    if (signal.aborted && ran.kind === "failed") return { kind: "cancelled" };
    if (ran.kind === "failed") return failedRun(ran, why);
    // The result is used, as it is what the user's files gave; but nobody can tell which files.
    const isSound = known.changedSource(inputs, action) === undefined;
    if (isSound) {
      store.actionCache.write(run.key, ran.result);
      if (action.kind !== "write") {
        const { key, about } = run;
        shared?.give({ key, result: ran.result, about, group: groupOf(action) });
      }
    }
    this.#results.take(action, ran.result, isSound ? run : undefined);
    const { wallMs } = ran.result;
    const outcome = ran.isCached === true ? "remoteHit" : "executed";
    return { kind: "succeeded", outcome, wallMs, printed: ran.printed, why };
  }
}

/** What an error comes to that can be mended, or told; throws another one. */
function recovered(error: unknown): Ended {
  if (error instanceof InputProblem) return failed(error.message);
  if (!(error instanceof LostOutput)) throw error;
  return { kind: "lacks", paths: error.paths, message: error.message };
}

/** What of `key` is kept while an action runs: the rest may be large. */
function keptOf(key: ActionKey): Pick<Run, "key" | "about"> {
  return { key: key.digest, about: aboutKey(key) };
}

const upToDate: Done = { kind: "succeeded", outcome: "upToDate", wallMs: 0, printed: "" };

/** A store that loses what it is given at once is no use, and must not keep a build for ever. */
const maxReruns = 3;

/** One run of an action. */
interface Run {
  readonly action: Action;
  readonly inputs: readonly Input[];
  readonly state: ActionState;
  readonly key: Digest;
  /** See `aboutKey`. */
  readonly about: ReadonlyMap<Digest, Uint8Array>;
  readonly why: Why;
  readonly signal: AbortSignal;
  readonly demand: Demand;
}

/** What `action` works on, for people. */
export function subjectOf(action: Action): string {
  return action.subject ?? action.outputs[0].replace(/^\.kraft\/out\//, "");
}
