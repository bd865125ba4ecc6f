// Carries out compile actions: by what they read, then by what preprocessing gave, then by running.

import { actionId, type CompileAction } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import type { ActionResult, Node } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { ActionParts } from "./action-parts.ts";
import { readDepfile } from "./depfile.ts";
import { type Demand, filesFor, isMadeAgain, lostOutput, readFor, trusts } from "./demand.ts";
import { type Carried, type Done, type Ended, failedRun, type Why, savedBy } from "./done.ts";
import type { Input } from "./inputs.ts";
import { bringInputs, LostOutput } from "./lost-output.ts";
import { identitiesOf } from "./key-of-run.ts";
import { addToManifest, manifestKeyOf, readManifest, setsIn, unitedSets } from "./manifest.ts";
import type { Span } from "./listings.ts";
import { groupOf } from "./looking-up.ts";
import { mountedAction, mountedInputs } from "./mounted.ts";
import { type Compiled, ObjectCompiler } from "./object-compiler.ts";
import { Reads } from "./reads.ts";
import type { ReadSet } from "./records.ts";
import type { Results } from "./results.ts";
import type { Ran, Running } from "./runner.ts";
import { RunningActions } from "./running-actions.ts";
import type { SharedResults } from "./shared-results.ts";
import { type ActionState, stateWith } from "./state-of.ts";

/** What compiling takes. */
export interface CompilerParts extends ActionParts {
  /** See `ExecutorParts`. */
  readonly verifying?: Running;
  readonly results: Results;
  readonly host: Pick<Host, "epochMs">;
}

/** Carries out compile actions, whose needs must be done before. */
export class Compiler {
  readonly #parts: CompilerParts;
  readonly #reads: Reads;
  readonly #objects: ObjectCompiler;
  readonly #running = new RunningActions();

  constructor(parts: CompilerParts) {
    this.#parts = parts;
    this.#reads = new Reads(parts.inputs);
    this.#objects = new ObjectCompiler(parts);
  }

  /** See `Executor.execute`. Throws as `Inputs.of` does. */
  execute(action: CompileAction, demand: Demand, signal: AbortSignal): Carried | Promise<Carried> {
    const { records, store, shared, explainer, onlyShared } = this.#parts;
    const header = shared && this.#absentHeader(action);
    if (header !== undefined) return this.#executeWith(header, { action, demand, signal });
    const record = onlyShared ? undefined : records.of(actionId(action));
    const now = record?.reads && this.#stateOf(action, record.reads);
    if (record !== undefined && now?.fingerprint === record.fingerprint) {
      if (this.#parts.results.adopt(record, demand)) {
        return { kind: "succeeded", outcome: "upToDate", wallMs: 0, printed: "" };
      }
    }
    const why = {
      causes: isMadeAgain(demand) ? lostOutput : explainer.causesOf(action, record, now),
      before: record?.outputs,
    };
    const weakKey = this.#weakKeyOf(action);
    const known = onlyShared ? [] : readManifest(store, weakKey);
    for (const reads of known) {
      const state = this.#stateOf(action, reads);
      const key = state && strongKeyOf(weakKey, state);
      const cached = key && readFor(demand, key, store.actionCache);
      if (key !== undefined && cached !== undefined) {
        const run = { action, why: { ...why, key } };
        this.#offer(action, { weakKey, key, result: cached });
        return this.#hit(run, cached, { state, reads, outcome: "localHit" });
      }
    }
    const run = { action, weakKey, why, signal, demand };
    return shared === undefined ? this.#run(run) : this.#lookUp(run, known, shared);
  }

  /** Gives a result that was known here, and how it is found, to who lacks it. */
  #offer(action: CompileAction, { weakKey, key, result }: Offered): void {
    const { shared, store } = this.#parts;
    if (shared?.gives !== true) return;
    shared.offer({ key, result, group: groupOf(action) });
    const manifestKey = manifestKeyOf(weakKey);
    const manifest = store.actionCache.read(manifestKey);
    if (manifest !== undefined) shared.offer({ key: manifestKey, result: manifest });
  }

  /** The header of options, of which the text counts, when its bytes are not here. */
  #absentHeader({ options }: CompileAction): Node | undefined {
    const node = options && this.#parts.inputs.outputAt(options.header);
    return node?.kind === "file" && !this.#parts.store.cas.has(node.digest) ? node : undefined;
  }

  async #executeWith(
    header: Node,
    { action, demand, signal }: Pick<Run, "action" | "demand" | "signal">,
  ): Promise<Carried> {
    await this.#parts.shared?.fetch([header]);
    if (action.options !== undefined && this.#absentHeader(action) !== undefined) {
      throw new LostOutput(action.options.header);
    }
    return this.execute(action, demand, signal);
  }

  /** Looks for the result at other machines, by what theirs read. */
  async #lookUp(run: Run, known: readonly ReadSet[], shared: SharedResults): Promise<Carried> {
    const { action, weakKey, demand } = run;
    const { store, filesOf, onlyShared } = this.#parts;
    const manifest = await shared.find(manifestKeyOf(weakKey), { files: "now", outputs: [] });
    const theirs = manifest === undefined ? [] : setsIn(manifest, store.cas);
    const files = filesFor(demand, filesOf(action));
    const { outputs } = mountedAction(action);
    const options = { files, outputs, group: groupOf(action) };
    for (const reads of trusts(demand) ? unitedSets(theirs, known) : []) {
      const state = this.#stateOf(action, reads);
      const key = state && strongKeyOf(weakKey, state);
      const found = key && (await shared.find(key, options));
      if (key === undefined || found === undefined) continue;
      if (!onlyShared) addToManifest(store, weakKey, [reads, ...known]);
      const why = { ...run.why, key };
      return this.#hit({ action, why }, found, { state, reads, outcome: "remoteHit" });
    }
    // What is found out here joins what others found out.
    if (theirs.length > 0 && !onlyShared) addToManifest(store, weakKey, [...known, ...theirs]);
    if (run.signal.aborted) return { kind: "cancelled" };
    return { kind: "must-run", run: (signal) => this.#run({ ...run, signal }) };
  }

  /** Forgets where headers were found, as files came or went. */
  forget(): void {
    this.#reads.forget();
  }

  /** Runs both steps whatever is known, and remembers nothing. Throws as `Inputs.of` does. */
  async again(action: CompileAction, signal: AbortSignal): Promise<Ran> {
    const { inputs, runner, verifying = runner } = this.#parts;
    const found = mountedInputs(action, inputs.of(action));
    const preprocessed = await verifying.preprocess(action, found, signal);
    if (preprocessed.kind === "failed") return preprocessed;
    try {
      return await this.#objects.again(action, { preprocessed, found }, signal);
    } finally {
      preprocessed.dispose();
    }
  }

  #run(run: Run): Promise<Ended> {
    // One of the same weak key differs in what it reads at most: that is looked at first, then.
    return this.#running.alone({ ...run, key: run.weakKey }, () => this.#carryOut(run));
  }

  async #carryOut(run: Run): Promise<Done> {
    const { action, signal } = run;
    const { inputs, runner, host, shared, starting } = this.#parts;
    const all = inputs.of(action);
    await bringInputs(all, shared);
    starting(action, run.why);
    const found = mountedInputs(action, all);
    const [began, sinceMs] = [inputs.moment(), host.epochMs()];
    const preprocessed = await runner.preprocess(action, found, signal);
    const span = { began, ended: inputs.moment(), sinceMs };
    if (preprocessed.kind === "failed") return endOf(preprocessed, run);
    try {
      const text = { preprocessed, found, demand: run.demand, signal };
      const { ran, outcome, isAlone, key } = await this.#objects.compile(action, text);
      if (ran.kind === "failed") return endOf(ran, run);
      const { depfile, streams } = preprocessed;
      const printed = streams.stderr.toString() + ran.printed;
      // What preprocessing said is to be heard again, too, when the result comes from a cache.
      const stderr = this.#parts.store.cas.put(Buffer.from(printed));
      const secondMs = action.compile === undefined ? 0 : ran.result.wallMs;
      const wholeMs = preprocessed.wallMs + secondMs;
      const result = { ...ran.result, stderr, wallMs: wholeMs };
      this.#keep(run, result, { depfile, span, isAlone, found });
      const wallMs = outcome === "executed" ? wholeMs : preprocessed.wallMs;
      const why = key === undefined ? run.why : { ...run.why, key };
      // Of two equal texts, the one that waited ran nowhere.
      const where =
        outcome === "executed" && ran.ranElsewhere ? { ranElsewhere: true as const } : {};
      const saved = savedBy(outcome, secondMs);
      return { kind: "succeeded", outcome, wallMs, ...saved, ...where, printed, why };
    } catch (error) {
      if (signal.aborted) return { kind: "cancelled" };
      throw error;
    } finally {
      preprocessed.dispose();
    }
  }

  /** Remembers what the result came from, if that can be told. */
  #keep({ action, weakKey }: Run, result: ActionResult, origin: Origin): void {
    const { store, results, shared } = this.#parts;
    const files = readDepfile(origin.depfile).filter((file) => file !== action.text);
    const reads = this.#readsOf(action, files, origin);
    const state = reads && this.#stateOf(action, reads);
    // Last, as files may change while they are looked at, too.
    if (!reads || !state || !this.#isSettled(action, reads, origin)) {
      results.take(action, result, undefined);
      return;
    }
    const key = strongKeyOf(weakKey, state);
    store.actionCache.write(key, result);
    const manifest = addToManifest(store, weakKey, [reads]);
    shared?.give({ key, result, group: groupOf(action) });
    shared?.give({ key: manifestKeyOf(weakKey), result: manifest });
    results.take(action, result, { state, reads });
  }

  #readsOf(
    action: CompileAction,
    files: readonly string[],
    { isAlone }: Origin,
  ): ReadSet | undefined {
    const reads = this.#reads.setOf(action, files);
    return isAlone || reads === undefined ? reads : { ...reads, isWhole: true };
  }

  /** Whether what the compiler read, and looked for, is what is there now. */
  #isSettled(action: CompileAction, { files, isWhole }: ReadSet, origin: Origin): boolean {
    const { inputs } = this.#parts;
    const { outside } = mountsOf(action);
    const { span } = origin;
    const isOld = files.every((file) => !inputs.changedSince(outside(file), span.sinceMs));
    if (!isOld || !this.#reads.isSettled(span)) return false;
    return isWhole !== true || inputs.changedSource(origin.found, action) === undefined;
  }

  #hit(
    { action, why }: Pick<Run, "action" | "why">,
    result: ActionResult,
    { state, reads, outcome }: Hit,
  ): Done {
    const { results } = this.#parts;
    results.take(action, result, state && { state, reads });
    const printed = results.printedBy(action, result);
    const saved = savedBy(outcome, result.wallMs);
    return { kind: "succeeded", outcome, wallMs: 0, ...saved, printed, why };
  }

  #stateOf(action: CompileAction, reads: ReadSet): ActionState | undefined {
    const state = this.#reads.stateOf(action, reads);
    return state && stateWith(action, state, this.#parts.toolchain.identities);
  }

  /** Of all that decides about the object besides files. */
  #weakKeyOf(action: CompileAction): Digest {
    const { preprocess, compile, text, searchPath, options, env, outputs } = mountedAction(action);
    const identities = identitiesOf(action, this.#parts.toolchain);
    const tools = [...identities.keys()].sort().map((name) => [name, identities.get(name)]);
    const parts = [
      compileScheme,
      preprocess,
      compile,
      text,
      searchPath,
      options,
      env,
      outputs,
      tools,
    ];
    const { scope } = this.#parts;
    return digestOf(JSON.stringify(scope === undefined ? parts : [...parts, scope]));
  }
}

/** One run of an action. */
interface Run {
  readonly action: CompileAction;
  readonly weakKey: Digest;
  readonly why: Why;
  readonly signal: AbortSignal;
  readonly demand: Demand;
}

/** A result that was known here, and the two keys that it is found by. */
interface Offered {
  readonly weakKey: Digest;
  readonly key: Digest;
  readonly result: ActionResult;
}

/** A result that was known. */
interface Hit {
  readonly state: ActionState | undefined;
  readonly reads: ReadSet;
  readonly outcome: "localHit" | "remoteHit";
}

/** What a result came from. */
interface Origin extends Pick<Compiled, "isAlone"> {
  /** Its text. */
  readonly depfile: string;
  /** When it was preprocessed. */
  readonly span: Span;
  /** What the action could read. */
  readonly found: readonly Input[];
}

/** Raised when what is stored under the old keys is no longer good. */
export const compileScheme = "compile 3";

function strongKeyOf(weakKey: Digest, { inputs }: ActionState): Digest {
  const reads = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(`${weakKey} reads ${JSON.stringify(reads)}`);
}

function endOf(ran: Extract<Ran, { kind: "failed" }>, run: Run): Done {
  return run.signal.aborted ? { kind: "cancelled" } : failedRun(ran, run.why);
}
