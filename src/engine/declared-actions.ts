// Carries out actions that read what they declare: by what is known of them, then by running.

import { type Action, actionId } from "../action/action.ts";
import type { ActionKey } from "../action/key.ts";
import type { ActionResult } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { ActionParts } from "./action-parts.ts";
import { type Demand, filesFor, isMadeAgain, lostOutput, readFor, trusts } from "./demand.ts";
import {
  type Carried,
  type Done,
  type Ended,
  failed,
  failedRun,
  savedBy,
  type Why,
} from "./done.ts";
import { type Input, InputProblem } from "./inputs.ts";
import { aboutKey, keyOfRun } from "./key-of-run.ts";
import { groupOf } from "./looking-up.ts";
import { bringInputs, LostOutput, refuseLost } from "./lost-output.ts";
import { mountedAction, mountedInputs } from "./mounted.ts";
import { Preparation } from "./preparation.ts";
import type { Results } from "./results.ts";
import type { Ran } from "./runner.ts";
import { RunningActions } from "./running-actions.ts";
import type { SharedResults } from "./shared-results.ts";
import { type ActionState, isStateOf, stateOf } from "./state-of.ts";

/** What carrying them out takes. */
export interface DeclaredParts extends ActionParts {
  readonly results: Results;
}

/** Carries out actions that read what they declare, whose needs must be done before. */
export class DeclaredActions {
  readonly #parts: DeclaredParts;
  readonly #running = new RunningActions();
  readonly #preparation: Preparation;

  constructor(parts: DeclaredParts) {
    this.#parts = parts;
    this.#preparation = new Preparation(parts);
  }

  /** See `Executor.prepare`. */
  prepare(action: Action): void {
    this.#preparation.prepare(action);
  }

  /** Forgets what was found out ahead of time, as something changed. */
  forget(): void {
    this.#preparation.forget();
  }

  /** See `Executor.execute`. Throws as `Inputs.of` does. */
  execute(action: Action, demand: Demand, signal: AbortSignal): Carried | Promise<Carried> {
    const prepared = this.#preparation.take(action);
    const inputs = prepared?.inputs ?? this.#parts.inputs.of(action);
    const { records, toolchain, store, explainer, shared, onlyShared } = this.#parts;
    const record = onlyShared ? undefined : records.of(actionId(action));
    const { identities } = toolchain;
    if (record !== undefined && isStateOf(record, { action, inputs, toolchain: identities })) {
      if (this.#parts.results.adopt(record, demand)) return upToDate;
    }
    const state = prepared?.state ?? stateOf(action, inputs, identities);
    if (record?.fingerprint === state.fingerprint && this.#parts.results.adopt(record, demand)) {
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
    // What others have to know of the key, where they hear of it: the rest of it may be large.
    const about = shared?.gives === true ? aboutKey(key) : nothing;
    const run = { action, inputs, state, key: key.digest, about, why, signal, demand };
    if (shared !== undefined) return guarded(this.#lookUp(run, shared));
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

  #keyOf(action: Action, inputs: readonly Input[]): ActionKey {
    return keyOfRun(mountedAction(action), mountedInputs(action, inputs), this.#parts);
  }

  #hit(
    { action, state, why }: Pick<Run, "action" | "state" | "why">,
    result: ActionResult,
    outcome: "localHit" | "remoteHit",
  ): Done {
    this.#parts.results.take(action, result, { state, isTaken: true });
    const printed = this.#parts.results.printedBy(action, result);
    const saved = savedBy(outcome, result.wallMs);
    return { kind: "succeeded", outcome, wallMs: 0, ...saved, printed, why };
  }

  #run(run: Run): Promise<Ended> {
    return this.#running.alone(run, () => this.#carryOut(run));
  }

  async #carryOut(run: Run): Promise<Ended> {
    const { action, inputs, why, signal, demand } = run;
    const { runner, starting, store, inputs: known, shared, filesOf } = this.#parts;
    let ran: Ran;
    try {
      if (shared !== undefined && runner.readsHere?.(action) !== false) {
        await bringInputs(inputs, shared);
      }
      starting(action, why);
      const files = filesFor(demand, filesOf(action));
      const mounted = mountedInputs(action, inputs);
      ran = await runner.run(mountedAction(action), mounted, signal, files);
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
    this.#parts.results.take(action, ran.result, isSound ? run : undefined);
    return { ...endOfRun(ran), printed: ran.printed, why };
  }
}

/** `carried`, with whatever goes wrong as a value where it can be mended. */
export async function guarded(carried: Promise<Carried>): Promise<Carried> {
  const found = await carried.catch(recovered);
  if (found.kind !== "must-run") return found;
  return { kind: "must-run", run: (later) => found.run(later).catch(recovered) };
}

/** What an error comes to that can be mended, or told; throws another one. */
export function recovered(error: unknown): Ended {
  if (error instanceof InputProblem) return failed(error.message);
  if (!(error instanceof LostOutput)) throw error;
  return { kind: "lacks", paths: error.paths, message: error.message };
}

/** Where a result is from that `Running` gave, and what that took. */
function endOfRun({ result, isCached, ranElsewhere }: Extract<Ran, { kind: "succeeded" }>) {
  const { wallMs } = result;
  if (isCached) {
    const outcome = "remoteHit" as const;
    return { kind: "succeeded", outcome, wallMs: 0, ...savedBy(outcome, wallMs) } as const;
  }
  const where = ranElsewhere && { ranElsewhere };
  return { kind: "succeeded", outcome: "executed", wallMs, ...where } as const;
}

const upToDate: Done = { kind: "succeeded", outcome: "upToDate", wallMs: 0, printed: "" };

const nothing: Run["about"] = new Map();

/** One run of an action. */
interface Run {
  readonly action: Action;
  readonly inputs: readonly Input[];
  readonly state: ActionState;
  readonly key: Digest;
  /** See `aboutKey`; empty where nothing is given to others. */
  readonly about: ReadonlyMap<Digest, Uint8Array>;
  readonly why: Why;
  readonly signal: AbortSignal;
  readonly demand: Demand;
}
