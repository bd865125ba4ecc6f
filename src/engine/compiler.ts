// Carries out compile actions: by what they read, then by what preprocessing gave, then by running.

import { readFileSync } from "node:fs";

import {
  type Action,
  actionId,
  type CommandAction,
  type CompileAction,
  type ExecPath,
} from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import type { ActionResult, Node } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { Store } from "../store/store.ts";
import { readDepfile } from "./depfile.ts";
import { type Done, failedRun, type Why } from "./done.ts";
import type { Explainer } from "./explainer.ts";
import { readsMore } from "./include-names.ts";
import type { Input, Inputs } from "./inputs.ts";
import { identitiesOf, keyOfRun } from "./key-of-run.ts";
import { addToManifest, readManifest } from "./manifest.ts";
import { mountedAction, mountedInputs } from "./mounted.ts";
import { Reads } from "./reads.ts";
import type { ReadSet, Records } from "./records.ts";
import type { Results } from "./results.ts";
import type { Preprocessed, Ran, Runner } from "./runner.ts";
import { type ActionState, stateWith } from "./state-of.ts";
import type { Toolchain } from "./toolchain.ts";

/** What compiling takes. */
export interface CompilerParts {
  readonly store: Store;
  readonly records: Records;
  readonly inputs: Inputs;
  readonly toolchain: Toolchain;
  readonly runner: Runner;
  readonly results: Results;
  readonly host: Pick<Host, "epochMs">;
  /** Hears that an action is about to run, and why. */
  readonly starting: (action: Action, why: Why) => void;
  readonly explainer: Explainer;
}

/** Carries out compile actions, whose needs must be done before. */
export class Compiler {
  readonly #parts: CompilerParts;
  readonly #reads: Reads;
  /** Compilations that run just now, by their keys: equal texts of several targets wait here. */
  readonly #running = new Map<Digest, Promise<Ran>>();

  constructor(parts: CompilerParts) {
    this.#parts = parts;
    this.#reads = new Reads(parts.inputs);
  }

  /** Ends with a value at once when the result is known. Throws as `Inputs.of` does. */
  execute(action: CompileAction, signal: AbortSignal): Done | Promise<Done> {
    const { records, store } = this.#parts;
    const record = records.of(actionId(action));
    const now = record?.reads && this.#stateOf(action, record.reads);
    if (record !== undefined && now?.fingerprint === record.fingerprint) {
      if (this.#parts.results.adopt(record)) {
        return { kind: "succeeded", outcome: "upToDate", wallMs: 0, printed: "" };
      }
    }
    const why = {
      causes: this.#parts.explainer.causesOf(action, record, now),
      before: record?.outputs,
    };
    const weakKey = this.#weakKeyOf(action);
    for (const reads of readManifest(store, weakKey)) {
      const state = this.#stateOf(action, reads);
      const cached = state && store.actionCache.readComplete(strongKeyOf(weakKey, state));
      if (cached !== undefined) return this.#hit({ action, why }, cached, { state, reads });
    }
    this.#parts.starting(action, why);
    return this.#run({ action, weakKey, why, signal });
  }

  /** Forgets where headers were found, as files came or went. */
  forget(): void {
    this.#reads.forget();
  }

  /** Runs both steps whatever is known, and remembers nothing. Throws as `Inputs.of` does. */
  async again(action: CompileAction, signal: AbortSignal): Promise<Ran> {
    const { inputs, runner, store } = this.#parts;
    const found = mountedInputs(action, inputs.of(action));
    const preprocessed = await runner.preprocess(action, found, signal);
    if (preprocessed.kind === "failed") return preprocessed;
    try {
      if (action.compile === undefined) return resultOf(action, preprocessed, store);
      const { command, all } = secondStep(action, action.compile, { ...preprocessed, found });
      return await runner.run(command, all, signal);
    } finally {
      preprocessed.dispose();
    }
  }

  async #run(run: Run): Promise<Done> {
    const { action, signal } = run;
    const { inputs, runner, host } = this.#parts;
    const found = mountedInputs(action, inputs.of(action));
    const startMs = host.epochMs();
    const preprocessed = await runner.preprocess(action, found, signal);
    if (preprocessed.kind === "failed") return endOf(preprocessed, run);
    try {
      const { ran, outcome, isAlone } = await this.#compile(run, preprocessed, found);
      if (ran.kind === "failed") return endOf(ran, run);
      const { depfile, streams } = preprocessed;
      const printed = streams.stderr.toString() + ran.printed;
      // What preprocessing said is to be heard again, too, when the result comes from a cache.
      const stderr = this.#parts.store.cas.put(Buffer.from(printed));
      this.#keep(run, { ...ran.result, stderr }, { depfile, startMs, isAlone, found });
      const wallMs = preprocessed.wallMs + (outcome === "executed" ? ran.result.wallMs : 0);
      return { kind: "succeeded", outcome, wallMs, printed, why: run.why };
    } catch (error) {
      if (signal.aborted) return { kind: "cancelled" };
      throw error;
    } finally {
      preprocessed.dispose();
    }
  }

  /** The object for a text, from the cache if it has ever been compiled so. */
  async #compile(
    { action, signal }: Run,
    preprocessed: Succeeded,
    found: readonly Input[],
  ): Promise<Compiled> {
    const { store, runner, results } = this.#parts;
    const { actionCache } = store;
    if (action.compile === undefined) {
      const ran = resultOf(action, preprocessed, store);
      return { ran, outcome: "executed", isAlone: true };
    }
    const { command, all, others } = secondStep(action, action.compile, { ...preprocessed, found });
    const isAlone = others.length === 0;
    const key = keyOfRun(command, all, this.#parts);
    const cached = actionCache.readComplete(key);
    if (cached !== undefined) {
      const printed = results.printedBy(action, cached);
      return { ran: { kind: "succeeded", result: cached, printed }, outcome: "localHit", isAlone };
    }
    const running = this.#running.get(key);
    if (running !== undefined) return { ran: await running, outcome: "localHit", isAlone };
    const ran = runner.run(command, all, signal);
    this.#running.set(key, ran);
    const done = await ran.finally(() => this.#running.delete(key));
    const isSound = this.#parts.inputs.changedSource(others, action) === undefined;
    if (done.kind === "succeeded" && isSound) actionCache.write(key, done.result);
    return { ran: done, outcome: "executed", isAlone };
  }

  /** Remembers what the result came from, if that can be told. */
  #keep({ action, weakKey }: Run, result: ActionResult, origin: Origin): void {
    const { store, results } = this.#parts;
    const files = readDepfile(origin.depfile).filter((file) => file !== action.text);
    const reads = this.#readsOf(action, files, origin);
    const state = reads && this.#stateOf(action, reads);
    // Last, as files may change while they are looked at, too.
    if (!reads || !state || !this.#isSettled(action, reads, origin)) {
      results.take(action, result, undefined);
      return;
    }
    store.actionCache.write(strongKeyOf(weakKey, state), result);
    addToManifest(store, weakKey, reads);
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
    const isOld = files.every((file) => !inputs.changedSince(outside(file), origin.startMs));
    if (!isOld || !this.#reads.isSettled()) return false;
    return isWhole !== true || inputs.changedSource(origin.found, action) === undefined;
  }

  #hit(
    { action, why }: Pick<Run, "action" | "why">,
    result: ActionResult,
    remembered: { readonly state: ActionState | undefined; readonly reads: ReadSet },
  ): Done {
    const { state, reads } = remembered;
    const { results } = this.#parts;
    results.take(action, result, state && { state, reads });
    const printed = results.printedBy(action, result);
    return { kind: "succeeded", outcome: "localHit", wallMs: 0, printed, why };
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
    const parts = [scheme, preprocess, compile, text, searchPath, options, env, outputs, tools];
    return digestOf(JSON.stringify(parts));
  }
}

type Succeeded = Extract<Preprocessed, { kind: "preprocessed" }>;

/** The result of an action that only preprocesses. */
function resultOf(
  action: CompileAction,
  { textFile, streams, wallMs }: Succeeded,
  { cas }: Pick<Store, "cas">,
): Extract<Ran, { kind: "succeeded" }> {
  const node = { kind: "file", ...cas.importFile(textFile, { move: true }) } as const;
  const outputs = new Map<ExecPath, Node>([[action.text, node]]);
  const [stdout, stderr] = [cas.put(streams.stdout), cas.put(streams.stderr)];
  const { mnemonic } = action;
  const result = { exitCode: 0, outputs, stdout, stderr, wallMs, mnemonic };
  return { kind: "succeeded", result, printed: "" };
}

/** What to run on a text, and on what else; `others` are there only if it may read them. */
function secondStep(
  action: CompileAction,
  argv: CommandAction["argv"],
  { textFile, found }: Pick<Succeeded, "textFile"> & { readonly found: readonly Input[] },
): { command: CommandAction; all: readonly Input[]; others: readonly Input[] } {
  const text = readFileSync(textFile);
  const node = { kind: "file", digest: digestOf(text), executable: false } as const;
  const alone = { path: action.text, node, isSource: false } as const;
  const staged = { kind: "blob", path: action.text, file: textFile } as const;
  const others = readsMore(text.toString("latin1")) ? found : [];
  return {
    command: commandOf(action, argv, others),
    all: [...others, { ...alone, staged }],
    others,
  };
}

/** One run of an action. */
interface Run {
  readonly action: CompileAction;
  readonly weakKey: Digest;
  readonly why: Why;
  readonly signal: AbortSignal;
}

/** What came of the second step. */
interface Compiled {
  readonly ran: Ran;
  readonly outcome: "executed" | "localHit";
  /** Whether the text was all that it read. */
  readonly isAlone: boolean;
}

/** What a result came from. */
interface Origin extends Pick<Compiled, "isAlone"> {
  /** Its text. */
  readonly depfile: string;
  /** When preprocessing began. */
  readonly startMs: number;
  /** What the action could read. */
  readonly found: readonly Input[];
}

/** Raised when what is stored under the old keys is no longer good. */
const scheme = "compile 2";

/** The second step of `action`, with paths as it sees them. */
function commandOf(
  action: CompileAction,
  argv: CommandAction["argv"],
  others: readonly Input[],
): CommandAction {
  const { mnemonic, owner, subject, outputs } = mountedAction(action);
  return {
    kind: "command",
    mnemonic,
    owner,
    ...(subject !== undefined && { subject }),
    argv,
    env: action.env,
    tools: action.tools,
    inputs: [...others.map(({ staged }) => staged.path), action.text],
    outputs,
    // For a tree of its own, where the sandbox would have one for all.
    mounts: {},
  };
}

function strongKeyOf(weakKey: Digest, { inputs }: ActionState): Digest {
  const reads = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(`${weakKey} reads ${JSON.stringify(reads)}`);
}

function endOf(ran: Extract<Ran, { kind: "failed" }>, run: Run): Done {
  return run.signal.aborted ? { kind: "cancelled" } : failedRun(ran, run.why);
}
