// Carries out one action: known result, cached result, or a run. Knows no plan.

import type { Action, ExecPath } from "../action/action.ts";
import { actionId } from "../action/action.ts";
import type { ActionResult } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import type { Digest } from "../digest/digest.ts";
import type { Store } from "../store/store.ts";
import { Compiler } from "./compiler.ts";
import { type Done, failed, failedRun, type Why } from "./done.ts";
import type { Explainer } from "./explainer.ts";
import { Fetcher, type Sourcing, type SourceRefusal } from "./fetcher.ts";
import type { FetchProgress } from "./fetching.ts";
import { type Input, InputProblem, type Inputs, LostOutput } from "./inputs.ts";
import { keyOfRun } from "./key-of-run.ts";
import { mountedAction, mountedInputs } from "./mounted.ts";
import type { ReadSet, Records } from "./records.ts";
import { Results } from "./results.ts";
import type { Ran, Runner } from "./runner.ts";
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

  /** Ends with a value at once when the result is known. Throws a StoreError. */
  execute(action: Action, signal: AbortSignal): Done | Promise<Done> {
    const missing = this.#parts.toolchain.missingOf(action);
    if (missing !== undefined) return failed(missing, "missing-tool");
    if (action.kind === "fetch") return this.#fetcher.execute(action, signal);
    try {
      if (action.kind === "compile") {
        const done = this.#compiler.execute(action, signal);
        if (!(done instanceof Promise)) return done;
        return done.catch((error) => this.#recover(action, error, signal));
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
    if (action.kind === "compile") return this.#compiler.again(action, signal);
    const inputs = mountedInputs(action, this.#parts.inputs.of(action));
    return this.#parts.runner.run(mountedAction(action), inputs, signal);
  }

  #withInputs(action: Action, inputs: readonly Input[], signal: AbortSignal): Done | Promise<Done> {
    const { records, toolchain } = this.#parts;
    const record = records.of(actionId(action));
    const { identities } = toolchain;
    if (record !== undefined && isStateOf(record, { action, inputs, toolchain: identities })) {
      if (this.#results.adopt(record)) return upToDate;
    }
    const state = stateOf(action, inputs, identities);
    if (record?.fingerprint === state.fingerprint && this.#results.adopt(record)) return upToDate;
    const key = this.#keyOf(action, inputs);
    const cached = this.#parts.store.actionCache.readComplete(key);
    const { explainer } = this.#parts;
    const why = {
      causes: explainer.causesOf(action, record, state),
      before: record?.outputs,
    };
    if (cached !== undefined) return this.#hit({ action, state, why }, cached);
    refuseLost(inputs);
    return this.#run({ action, inputs, state, key, why, signal });
  }

  #keyOf(action: Action, inputs: readonly Input[]): Digest {
    return keyOfRun(mountedAction(action), mountedInputs(action, inputs), this.#parts);
  }

  #hit({ action, state, why }: Pick<Run, "action" | "state" | "why">, result: ActionResult): Done {
    this.#results.take(action, result, { state });
    const printed = this.#results.printedBy(action, result);
    return { kind: "succeeded", outcome: "localHit", wallMs: 0, printed, why };
  }

  async #run(run: Run): Promise<Done> {
    const { action, inputs, why, signal } = run;
    const { runner, starting, store, inputs: known } = this.#parts;
    starting(action, why);
    let ran: Ran;
    try {
      ran = await runner.run(mountedAction(action), mountedInputs(action, inputs), signal);
    } catch (error) {
      return this.#recover(action, error, signal);
    }
    if (signal.aborted && ran.kind === "failed") return { kind: "cancelled" };
    if (ran.kind === "failed") return failedRun(ran, why);
    // The result is used, as it is what the user's files gave; but nobody can tell which files.
    const isSound = known.changedSource(inputs, action) === undefined;
    if (isSound) store.actionCache.write(run.key, ran.result);
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
    return again.then((done) => (done.kind === "succeeded" ? this.execute(action, signal) : done));
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
      if (action.kind === "compile") return await this.#compiler.execute(action, signal);
      const found = inputs.of(action);
      const state = stateOf(action, found, toolchain.identities);
      const key = this.#keyOf(action, found);
      return await this.#run({ action, inputs: found, state, key, why, signal });
    } catch (error) {
      return this.#recover(action, error, signal);
    }
  }
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
  readonly why: Why;
  readonly signal: AbortSignal;
}

/** What `action` works on, for people. */
export function subjectOf(action: Action): string {
  return action.subject ?? action.outputs[0].replace(/^\.kraft\/out\//, "");
}
