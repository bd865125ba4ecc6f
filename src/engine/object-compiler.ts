// The second step of compiling: a preprocessed text → an object, from a cache or by running.

import { readFileSync } from "node:fs";

import type { Action, CommandAction, CompileAction, ExecPath } from "../action/action.ts";
import type { ActionKey } from "../action/key.ts";
import type { Node } from "../action/result.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { Store } from "../store/store.ts";
import { type Demand, filesFor } from "./demand.ts";
import { readsMore } from "./include-names.ts";
import type { Input, Inputs } from "./inputs.ts";
import { aboutKey, keyOfRun } from "./key-of-run.ts";
import { groupOf } from "./looking-up.ts";
import { mountedAction } from "./mounted.ts";
import type { Results } from "./results.ts";
import { reduceText } from "./reduced-text.ts";
import type { Preprocessed, Ran, Running } from "./runner.ts";
import type { FilesWanted, SharedResults } from "./shared-results.ts";
import type { Toolchain } from "./toolchain.ts";

/** What the second step takes. */
export interface ObjectParts {
  readonly store: Store;
  readonly inputs: Inputs;
  readonly toolchain: Toolchain;
  readonly runner: Running;
  /** See `ExecutorParts`. */
  readonly verifying?: Running;
  readonly results: Results;
  /** See `ExecutorParts`. */
  readonly shared?: SharedResults | undefined;
  readonly filesOf: (action: Action) => FilesWanted;
  readonly scope?: string | undefined;
}

/** A text to compile. */
export interface Text {
  readonly preprocessed: Succeeded;
  /** What the action could read. */
  readonly found: readonly Input[];
  readonly demand: Demand;
  readonly signal: AbortSignal;
}

type Succeeded = Extract<Preprocessed, { kind: "preprocessed" }>;

/** What came of the second step. */
export interface Compiled {
  readonly ran: Ran;
  readonly outcome: "executed" | "localHit" | "remoteHit";
  /** Whether the text was all that it read. */
  readonly isAlone: boolean;
  /** Of the second step; absent when there is none. */
  readonly key?: Digest;
}

/** Makes objects of texts; equal texts of several targets are compiled once. */
export class ObjectCompiler {
  readonly #parts: ObjectParts;
  /** Compilations that run just now, by their keys: equal texts of several targets wait here. */
  readonly #running = new Map<Digest, Promise<Omit<Compiled, "isAlone" | "key">>>();

  constructor(parts: ObjectParts) {
    this.#parts = parts;
  }

  /** The object for a text, from the cache if it has ever been compiled so. */
  async compile(action: CompileAction, text: Text): Promise<Compiled> {
    const { preprocessed, found, demand, signal } = text;
    const { store, results, inputs } = this.#parts;
    if (action.compile === undefined) {
      const ran = resultOf(action, preprocessed, store);
      return { ran, outcome: "executed", isAlone: true };
    }
    reduceText(action, preprocessed.textFile, inputs);
    const { command, all, others } = secondStep(action, action.compile, { ...preprocessed, found });
    const isAlone = others.length === 0;
    const keyed = keyOfRun(command, all, this.#parts);
    const { digest: key } = keyed;
    const cached = store.actionCache.readComplete(key);
    if (cached !== undefined) {
      const printed = results.printedBy(action, cached);
      const ran = { kind: "succeeded", result: cached, printed } as const;
      return { ran, outcome: "localHit", isAlone, key };
    }
    const running = this.#running.get(key);
    if (running !== undefined) return { ...(await running), outcome: "localHit", isAlone, key };
    const coming = this.#findOrRun({ action, command, all, others, keyed, demand, signal });
    this.#running.set(key, coming);
    return { ...(await coming.finally(() => this.#running.delete(key))), isAlone, key };
  }

  /** The same, whatever is known, and nothing is remembered. */
  async again(
    action: CompileAction,
    { preprocessed, found }: Pick<Text, "preprocessed" | "found">,
    signal: AbortSignal,
  ): Promise<Ran> {
    const { store, runner, inputs, verifying = runner } = this.#parts;
    if (action.compile === undefined) return resultOf(action, preprocessed, store);
    reduceText(action, preprocessed.textFile, inputs);
    const { command, all } = secondStep(action, action.compile, { ...preprocessed, found });
    return verifying.run(command, all, signal);
  }

  /** Asks other machines for the object, and compiles it when none has it. */
  async #findOrRun(step: SecondStep): Promise<Omit<Compiled, "isAlone" | "key">> {
    const { action, command, all, others, keyed, demand, signal } = step;
    const { store, runner, results, inputs, shared, filesOf } = this.#parts;
    const { digest: key } = keyed;
    const { outputs } = command;
    const files = filesFor(demand, filesOf(action));
    const group = groupOf(action);
    const theirs = shared && (await shared.find(key, { files, outputs, group }));
    if (theirs !== undefined) {
      const printed = results.printedBy(action, theirs);
      return { ran: { kind: "succeeded", result: theirs, printed }, outcome: "remoteHit" };
    }
    const ran = await runner.run(command, all, signal, files);
    const isSound = inputs.changedSource(others, action) === undefined;
    if (ran.kind === "succeeded" && isSound) {
      store.actionCache.write(key, ran.result);
      shared?.give({ key, result: ran.result, about: aboutKey(keyed), group });
    }
    const isCached = ran.kind === "succeeded" && ran.isCached === true;
    return { ran, outcome: isCached ? "remoteHit" : "executed" };
  }
}

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

/** The second step, and the key of what it gives. */
interface SecondStep extends ReturnType<typeof secondStep> {
  readonly action: CompileAction;
  readonly keyed: ActionKey;
  readonly demand: Demand;
  readonly signal: AbortSignal;
}

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
    sharesSandbox: true,
    tools: action.tools,
    inputs: [...others.map(({ staged }) => staged.path), action.text],
    outputs,
    // For a tree of its own, where the sandbox would have one for all.
    mounts: {},
  };
}
