// Carries out one action: known result, cached result, or a run. Knows no plan.

import type { Action, ExecPath } from "../action/action.ts";
import { actionId } from "../action/action.ts";
import type { ActionKey } from "../action/key.ts";
import type { ActionResult } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import type { Digest } from "../digest/digest.ts";
import type { Store } from "../store/store.ts";
import { Compiler } from "./compiler.ts";
import { type Carried, type Done, endOf, failed, failedRun, type Why } from "./done.ts";
import type { Explainer } from "./explainer.ts";
import { Fetcher, type Sourcing, type SourceRefusal } from "./fetcher.ts";
import type { FetchProgress } from "./fetching.ts";
import { type Input, InputProblem, type Inputs, LostOutput } from "./inputs.ts";
import { aboutKey, keyOfRun } from "./key-of-run.ts";
import { mountedAction, mountedInputs } from "./mounted.ts";
import type { ReadSet, Records } from "./records.ts";
import { Results } from "./results.ts";
import type { Ran, Runner } from "./runner.ts";
import type { FilesWanted, SharedResults } from "./shared-results.ts";
import { type ActionState, isStateOf, stateOf } from "./state-of.ts";
import type { Toolchain } from "./toolchain.ts";

/** What carrying out takes. */
export interface ExecutorParts {
  readonly store: Store;
  readonly records: Records;
  readonly inputs: Inputs;
  readonly toolchain: Toolchain;
  readonly runner: Runner;
  readonly sourcing: Sourcing;
  readonly host: Pick<Host, "epochMs" | "now" | "processId">;
  /** The action that makes the output `path`, or has it inside a directory it makes. */
  readonly producerOf: (path: ExecPath) => Action | undefined;
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
  /** Which files of a result of others are to be here when `action` is done. */
  readonly filesOf: (action: Action) => FilesWanted;
  /** See `KeySource`. */
  readonly scope?: string | undefined;
}

/** Carries out actions, whose needs must be done before. */
export class Executor {
  readonly #parts: ExecutorParts;
  /** Actions that run again just now, as their output was lost. */
  readonly #rerunning = new Map<ExecPath, Promise<Done>>();
  /** How often each did. */
  readonly #reruns = new Map<ExecPath, number>();

  readonly #results: Results;
  readonly #compiler: Compiler;
  readonly #fetcher: Fetcher;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    this.#results = new Results(parts);
    this.#compiler = new Compiler({ ...parts, results: this.#results });
    this.#fetcher = new Fetcher({ ...parts, results: this.#results });
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
    if (action.kind === "fetch") return this.#fetcher.execute(action, signal);
    try {
      if (action.kind === "compile") {
        const carried = this.#compiler.execute(action, signal);
        return carried instanceof Promise ? this.#guarded(action, carried, signal) : carried;
      }
      return this.#withInputs(action, this.#parts.inputs.of(action), signal);
    } catch (error) {
      return this.#recover(action, error, signal);
    }
  }

  /** Forgets where headers were found, and what was lost, as something changed. */
  forget(): void {
    this.#compiler.forget();
    this.#reruns.clear();
  }

  /** Runs `action` whatever is known of it, and remembers nothing. Throws as `Inputs.of` does. */
  async again(action: Action, signal: AbortSignal): Promise<Ran> {
    await this.#parts.shared?.fetch(this.#parts.inputs.of(action).map(({ node }) => node));
    if (action.kind === "compile") return this.#compiler.again(action, signal);
    const inputs = mountedInputs(action, this.#parts.inputs.of(action));
    return this.#parts.runner.run(mountedAction(action), inputs, signal);
  }

  /** `carried`, with whatever goes wrong mended where it can be. */
  async #guarded(action: Action, carried: Promise<Carried>, signal: AbortSignal): Promise<Carried> {
    const found = await carried.catch((error) => this.#recover(action, error, signal));
    if (found.kind !== "must-run") return found;
    return {
      kind: "must-run",
      run: (later) => found.run(later).catch(async (error) => this.#recover(action, error, later)),
    };
  }

  #withInputs(
    action: Action,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Carried | Promise<Carried> {
    const { records, toolchain } = this.#parts;
    const record = records.of(actionId(action));
    const { identities } = toolchain;
    if (record !== undefined && isStateOf(record, { action, inputs, toolchain: identities })) {
      if (this.#results.adopt(record)) return upToDate;
    }
    const state = stateOf(action, inputs, identities);
    if (record?.fingerprint === state.fingerprint && this.#results.adopt(record)) return upToDate;
    const key = this.#keyOf(action, inputs);
    const cached = this.#parts.store.actionCache.readComplete(key.digest);
    const { explainer, shared } = this.#parts;
    const why = {
      causes: explainer.causesOf(action, record, state),
      before: record?.outputs,
      key: key.digest,
    };
    if (cached !== undefined) return this.#hit({ action, state, why }, cached, "localHit");
    const run = { action, inputs, state, ...keptOf(key), why, signal };
    if (shared !== undefined) return this.#guarded(action, this.#lookUp(run, shared), signal);
    refuseLost(inputs);
    return this.#run(run);
  }

  /** Looks for the result at other machines. */
  async #lookUp(run: Run, shared: SharedResults): Promise<Carried> {
    const { action, key } = run;
    const { outputs } = mountedAction(action);
    // What is written costs less than asking for it.
    const options = { files: this.#parts.filesOf(action), outputs };
    const found = action.kind === "write" ? undefined : await shared.find(key, options);
    if (found !== undefined) return this.#hit(run, found, "remoteHit");
    if (run.signal.aborted) return { kind: "cancelled" };
    return { kind: "must-run", run: (signal) => this.#run({ ...run, signal }) };
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

  async #run(run: Run): Promise<Done> {
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
      return this.#recover(action, error, signal);
    }
    if (signal.aborted && ran.kind === "failed") return { kind: "cancelled" };
    if (ran.kind === "failed") return failedRun(ran, why);
    // The result is used, as it is what the user's files gave; but nobody can tell which files.
    const isSound = known.changedSource(inputs, action) === undefined;
    if (isSound) {
      store.actionCache.write(run.key, ran.result);
      if (action.kind !== "write") shared?.give(run.key, ran.result, run.about);
    }
    this.#results.take(action, ran.result, isSound ? run : undefined);
    const { wallMs } = ran.result;
    return { kind: "succeeded", outcome: "executed", wallMs, printed: ran.printed, why };
  }

  /** Makes lost outputs again, and then goes on; tells of what cannot be mended. */
  #recover(action: Action, error: unknown, signal: AbortSignal): Done | Promise<Done> {
    if (error instanceof InputProblem) return failed(error.message);
    if (!(error instanceof LostOutput)) throw error;
    const producer = this.#parts.producerOf(error.path);
    if (producer === undefined) return failed(error.message);
    const again = this.#runAgain(producer, signal);
    if (again === undefined) return failed(`${error.message}, however often it is made`);
    return again.then((done) =>
      done.kind === "succeeded" ? endOf(this.execute(action, signal), signal) : done,
    );
  }

  /** One run for all who miss something of it; undefined when it has been tried too often. */
  #runAgain(action: Action, signal: AbortSignal): Promise<Done> | undefined {
    const id = actionId(action);
    const running = this.#rerunning.get(id);
    if (running !== undefined) return running;
    const times = (this.#reruns.get(id) ?? 0) + 1;
    if (times > maxReruns) return undefined;
    this.#reruns.set(id, times);
    const done = this.#rerun(action, signal).finally(() => this.#rerunning.delete(id));
    this.#rerunning.set(id, done);
    return done;
  }

  async #rerun(action: Action, signal: AbortSignal): Promise<Done> {
    const { inputs, toolchain } = this.#parts;
    const why: Why = { causes: [{ kind: "output-lost" }] };
    try {
      if (action.kind === "fetch") return await this.#fetcher.execute(action, signal);
      if (action.kind === "compile") {
        return await endOf(this.#compiler.execute(action, signal), signal);
      }
      const found = inputs.of(action);
      const state = stateOf(action, found, toolchain.identities);
      const kept = keptOf(this.#keyOf(action, found));
      return await this.#run({ action, inputs: found, state, ...kept, why, signal });
    } catch (error) {
      return this.#recover(action, error, signal);
    }
  }
}

/** What of `key` is kept while an action runs: the rest may be large. */
function keptOf(key: ActionKey): Pick<Run, "key" | "about"> {
  return { key: key.digest, about: aboutKey(key) };
}

/** Throws a LostOutput before an action is said to run that cannot. */
function refuseLost(inputs: readonly Input[]): void {
  for (const { staged } of inputs) if (staged.kind === "blob") void staged.file;
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
}

/** What `action` works on, for people. */
export function subjectOf(action: Action): string {
  return action.subject ?? action.outputs[0].replace(/^\.kraft\/out\//, "");
}
