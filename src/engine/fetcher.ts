// Carries out one fetch action: known result, cached result, or the network. Knows no plan.

import { join } from "node:path";

import { type Action, actionId, type FetchAction } from "../action/action.ts";
import { identityOf, isPinned } from "../action/remote-source.ts";
import type { ActionResult, Node } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import { digestOf } from "../digest/digest.ts";
import { exclusively } from "../store/exclusive.ts";
import type { Store } from "../store/store.ts";
import { openTemporary } from "../store/temporary.ts";
import { pinNameOf } from "../workspace/lock-file.ts";
import { type Demand, isMadeAgain, lostOutput, readFor } from "./demand.ts";
import { type Done, failed, failedRun, type Why, savedBy } from "./done.ts";
import type { Explainer } from "./explainer.ts";
import type { FetchOptions, FetchProgress } from "./fetch-options.ts";
import { aboutKey, type KeyContext, keyOfRun } from "./key-of-run.ts";
import { pinnedAction } from "./lock-book.ts";
import { mountedAction } from "./mounted.ts";
import type { Records } from "./records.ts";
import type { Results } from "./results.ts";
import type { FilesWanted, SharedResults } from "./shared-results.ts";
import { fetchFailureOf } from "./source-problem.ts";
import { refusalOf, type SourceRefusal, type Sourcing } from "./sourcing.ts";
import { type ActionState, stateOf } from "./state-of.ts";
import { waitFor } from "./wait-for.ts";

/** What carrying out fetch actions takes. */
export interface FetcherParts extends KeyContext {
  readonly store: Store;
  readonly records: Records;
  readonly results: Results;
  readonly sourcing: Sourcing;
  readonly host: Pick<Host, "epochMs" | "processId" | "now">;
  readonly explainer: Explainer;
  readonly starting: (action: FetchAction, why: Why) => void;
  /** See `ExecutorParts`. */
  readonly shared?: SharedResults | undefined;
  readonly filesOf: (action: Action) => FilesWanted;
  /** Hears now and then how far an action is. */
  readonly progressing: (action: FetchAction, progress: FetchProgress) => void;
}

/** Carries out fetch actions. */
export class Fetcher {
  readonly #parts: FetcherParts;

  constructor(parts: FetcherParts) {
    this.#parts = parts;
  }

  /** Ends with a value at once when the result is known. Throws a StoreError. */
  execute(action: FetchAction, demand: Demand, signal: AbortSignal): Done | Promise<Done> {
    const settled = pinnedAction(action, this.#parts.sourcing.book);
    const known = this.#known(settled, demand);
    if (known !== undefined) return known;
    const refusal = refusalOf(settled, this.#parts.sourcing);
    if (refusal !== undefined) {
      return failed(`${refusal.message}; ${refusal.help}`, refusal.code);
    }
    return this.#fetch(settled, demand, signal);
  }

  /** Why `action` cannot be carried out as this build is to be; undefined when it can. */
  refusalOf(action: FetchAction): SourceRefusal | undefined {
    const { book, isLocked, isOffline } = this.#parts.sourcing;
    if (!isLocked && !isOffline) return undefined;
    const settled = pinnedAction(action, book);
    return this.#known(settled, untouched) === undefined
      ? refusalOf(settled, this.#parts.sourcing)
      : undefined;
  }

  /** The action done by what is known of it. */
  #known(action: FetchAction, demand: Demand): Done | undefined {
    if (!isPinned(action.source)) return undefined;
    const { records, results, store } = this.#parts;
    // What was fetched is always to be here, as bringing it again may be impossible.
    const whole = { ...demand, isWhole: true };
    const state = this.#stateOf(action);
    const record = records.of(actionId(action));
    if (record?.fingerprint === state.fingerprint && results.adopt(record, whole)) {
      return { kind: "succeeded", outcome: "upToDate", wallMs: 0, printed: "" };
    }
    const cached = readFor(whole, this.#keyOf(action).digest, store.actionCache);
    if (cached === undefined) return undefined;
    const why = this.#whyOf(action, demand);
    results.take(action, cached, { state });
    return { kind: "succeeded", outcome: "localHit", wallMs: 0, printed: "", why };
  }

  async #fetch(action: FetchAction, demand: Demand, signal: AbortSignal): Promise<Done> {
    const { host, starting } = this.#parts;
    const startMs = host.now();
    const why = this.#whyOf(action, demand);
    starting(action, why);
    try {
      const settled = await this.#pin(action, signal);
      // By the source, and not by the key, as two outputs of one source share what was downloaded.
      const name = JSON.stringify(identityOf(settled.source));
      const done = await this.#exclusively(name, signal, async () => {
        // Another build may have brought it while this one waited.
        return (
          this.#known(settled, demand) ??
          (await this.#shared(settled, why)) ??
          (await this.#bring(settled, why, signal))
        );
      });
      return done ?? { kind: "cancelled" };
    } catch (error) {
      if (signal.aborted) return { kind: "cancelled" };
      const failure = await fetchFailureOf(error);
      const wallMs = Math.round(host.now() - startMs);
      return failedRun({ kind: "failed", wallMs, failure }, why);
    }
  }

  /** `action` with what its source stands for, which the lock file is to say from now on. */
  async #pin(action: FetchAction, signal: AbortSignal): Promise<FetchAction> {
    if (isPinned(action.source)) return action;
    const { book, fetching } = this.#parts.sourcing;
    const name = `unpinned ${pinNameOf(action.source)}`;
    await this.#exclusively(name, signal, async () => {
      // Of two actions with one source, the first one says for both.
      if (isPinned(book.pinned(action.source))) return;
      book.add(await fetching.resolve(action.source, this.#options(action, signal)));
    });
    signal.throwIfAborted();
    return pinnedAction(action, book);
  }

  /** The action done by what other machines fetched. */
  async #shared(action: FetchAction, why: Why): Promise<Done | undefined> {
    const { shared, filesOf, results } = this.#parts;
    const { outputs } = mountedAction(action);
    const key = this.#keyOf(action).digest;
    const found = await shared?.find(key, { files: filesOf(action), outputs });
    if (found === undefined) return undefined;
    results.take(action, found, { state: this.#stateOf(action) });
    const outcome = "remoteHit";
    const saved = savedBy(outcome, found.wallMs);
    return { kind: "succeeded", outcome, wallMs: 0, ...saved, printed: "", why };
  }

  async #bring(action: FetchAction, why: Why, signal: AbortSignal): Promise<Done> {
    const { host, results, store, sourcing, shared } = this.#parts;
    const startMs = host.now();
    const node = await sourcing.fetching.fetch(action.source, this.#options(action, signal));
    const wallMs = Math.round(host.now() - startMs);
    const result = this.#resultOf(action, node, wallMs);
    const key = this.#keyOf(action);
    store.actionCache.write(key.digest, result);
    shared?.give({ key: key.digest, result, about: aboutKey(key) });
    results.take(action, result, { state: this.#stateOf(action) });
    return { kind: "succeeded", outcome: "executed", wallMs, printed: "", why };
  }

  #resultOf(action: FetchAction, node: Node, wallMs: number): ActionResult {
    const nothing = this.#parts.store.cas.put(Buffer.alloc(0));
    const outputs = new Map([[mountedAction(action).outputs[0], node]]);
    const { mnemonic } = action;
    return { exitCode: 0, outputs, stdout: nothing, stderr: nothing, wallMs, mnemonic };
  }

  #options(action: FetchAction, signal: AbortSignal): FetchOptions {
    const { host, progressing } = this.#parts;
    let toldMs = Number.NEGATIVE_INFINITY;
    return {
      signal,
      onProgress: (progress) => {
        if (host.now() - toldMs < tellEveryMs) return;
        toldMs = host.now();
        progressing(action, progress);
      },
    };
  }

  #exclusively<T>(name: string, signal: AbortSignal, use: () => Promise<T>) {
    const { store, host } = this.#parts;
    const path = join(store.directory, "fetching", digestOf(name).slice(0, 32));
    const temporary = openTemporary(join(store.directory, "tmp"));
    return exclusively({ path, temporary, host, wait: waitFor, signal }, use);
  }

  #keyOf(action: FetchAction) {
    return keyOfRun(mountedAction(action), [], this.#parts);
  }

  #whyOf(action: FetchAction, demand: Demand): Why {
    const { explainer, records } = this.#parts;
    const record = records.of(actionId(action));
    const causes = isMadeAgain(demand)
      ? lostOutput
      : explainer.causesOf(action, record, this.#stateOf(action));
    return { causes, before: record?.outputs };
  }

  #stateOf(action: FetchAction): ActionState {
    return stateOf(action, [], this.#parts.toolchain.identities);
  }
}

const tellEveryMs = 250;

/** Of an action that has not been carried out yet. */
const untouched: Demand = { isWhole: true, losses: 0 };
