// Carries out one action: known result, cached result, or a run. Knows no plan.

import type { Action, ExecPath } from "../action/action.ts";
import { actionId } from "../action/action.ts";
import { type Fact, factsOf } from "../action/facts.ts";
import type { Host } from "../base/host.ts";
import type { ActionParts } from "./action-parts.ts";
import { Compiler } from "./compiler.ts";
import type { Demand } from "./demand.ts";
import { type Carried, failed, type Lacks } from "./done.ts";
import { DeclaredActions, guarded, recovered } from "./declared-actions.ts";
import { Fetcher } from "./fetcher.ts";
import type { Sourcing, SourceRefusal } from "./sourcing.ts";
import type { FetchProgress } from "./fetch-options.ts";
import { bringInputs, LostOutput } from "./lost-output.ts";
import { identitiesOf } from "./key-of-run.ts";
import { mountedAction, mountedInputs } from "./mounted.ts";
import type { ReadSet } from "./records.ts";
import { type Remembered, Results } from "./results.ts";
import type { Ran, Running } from "./runner.ts";
import type { SubBuilds } from "./sub-builds.ts";

/** What carrying out takes. */
export interface ExecutorParts extends ActionParts {
  /** Runs what is to be compared; absent: the same. */
  readonly verifying?: Running;
  readonly sourcing: Sourcing;
  readonly host: Pick<Host, "epochMs" | "now" | "processId">;
  /** Hears what a result that is to be remembered came from. */
  readonly remembering: (action: Action, remembered: Remembered) => void;
  /** Hears what the compiler read for the result of an action that is taken in. */
  readonly readBy: (id: ExecPath, reads: ReadSet) => void;
  /** Hears how far an action is that fetches. */
  readonly progressing: (action: Action, progress: FetchProgress) => void;
  /** What is known of many actions at once; absent: nothing. */
  readonly subBuilds?: Pick<SubBuilds, "take"> | undefined;
  /** Whether the files of an action's known result may be gone, as long as nobody reads them. */
  readonly mayLack: (action: Action) => boolean;
}

/** Carries out actions, whose needs must be done before. */
export class Executor {
  readonly #parts: ExecutorParts;
  /** How often outputs of actions were found to be lost. */
  readonly #losses = new Map<ExecPath, number>();

  readonly #results: Results;
  readonly #compiler: Compiler;
  readonly #fetcher: Fetcher;
  readonly #declared: DeclaredActions;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    this.#results = new Results(parts);
    this.#compiler = new Compiler({ ...parts, results: this.#results });
    this.#fetcher = new Fetcher({ ...parts, results: this.#results });
    this.#declared = new DeclaredActions({ ...parts, results: this.#results });
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
    const { toolchain } = this.#parts;
    if (!toolchain.isKnown(action)) {
      return toolchain.add([action]).then(() => this.execute(action, signal));
    }
    const missing = toolchain.missingOf(action);
    if (missing !== undefined) return failed(missing, "missing-tool");
    if (action.kind === "fetch") {
      return this.#fetcher.execute(action, this.#demandOn(action), signal);
    }
    const known = this.#parts.subBuilds?.take(action, this.#demandOn(action));
    if (known !== undefined) return known;
    try {
      if (action.kind === "compile") {
        const carried = this.#compiler.execute(action, this.#demandOn(action), signal);
        return carried instanceof Promise ? guarded(carried) : carried;
      }
      return this.#declared.execute(action, this.#demandOn(action), signal);
    } catch (error) {
      return recovered(error);
    }
  }

  /**
   * Finds out what it takes to run `action`, which is the next to be carried out as it seems: there
   * is time for that while others run, and none when a job slot waits for it.
   */
  prepare(action: Action): void {
    const { shared, onlyShared, toolchain } = this.#parts;
    if (!toolchain.isKnown(action)) return;
    // Those who look for results elsewhere first do so long before they take a slot.
    if (shared === undefined && !onlyShared) this.#declared.prepare(action);
  }

  /**
   * Takes note that outputs of `action` are lost, so that it makes them when it is executed next.
   * False when it has done so often enough.
   */
  noteLoss(action: Action): boolean {
    const id = actionId(action);
    const times = (this.#losses.get(id) ?? 0) + 1;
    this.#losses.set(id, times);
    this.#declared.forget();
    return times <= maxReruns;
  }

  /** Forgets where headers were found, and what was lost, as something changed. */
  forget(): void {
    this.#compiler.forget();
    this.#declared.forget();
    this.#losses.clear();
  }

  /** Runs `action` whatever is known of it, and remembers nothing. Throws an InputProblem. */
  async again(action: Action, signal: AbortSignal): Promise<Ran | Lacks> {
    const inputs = this.#parts.inputs.of(action);
    try {
      await bringInputs(inputs, this.#parts.shared);
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

  #demandOn(action: Action): Demand {
    const losses = this.#losses.get(actionId(action)) ?? 0;
    return { isWhole: losses > 0 || !this.#parts.mayLack(action), losses };
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
}

/** A store that loses what it is given at once is no use, and must not keep a build for ever. */
const maxReruns = 3;

/** What `action` works on, for people. */
export function subjectOf(action: Action): string {
  return action.subject ?? action.outputs[0].replace(/^\.kraft\/out\//, "");
}
