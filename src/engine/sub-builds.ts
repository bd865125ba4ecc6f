// Results of many actions at once: of what an action yields, as some build before had them.

import { lstatSync, statSync } from "node:fs";

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import { kernelTickMs } from "../base/file-clock.ts";
import type { Digest } from "../digest/digest.ts";
import { isComplete, isNodeComplete } from "../store/completeness.ts";
import type { Store } from "../store/store.ts";
import { type Demand, isMadeAgain } from "./demand.ts";
import { type Done, savedBy, type Why } from "./done.ts";
import { machineFact, machinePathsOf } from "./machine-reads.ts";
import type { ReadSet, Records } from "./records.ts";
import type { FilesWanted, SharedResults } from "./shared-results.ts";
import { keyOfSubBuild, membersOf, type SubBuildContext, type Yielding } from "./sub-build.ts";
import { decodeSubBuild, encodeSubBuild, type SubBuildResult } from "./sub-build-result.ts";

/** What taking results as a whole takes. */
export interface SubBuildParts extends SubBuildContext {
  readonly store: Store;
  readonly records: Pick<Records, "durationOf">;
  readonly shared?: SharedResults | undefined;
  readonly filesOf: (action: Action) => FilesWanted;
  /** When the build began, before it looked at any source; since 1970. */
  readonly startMs: number;
}

/** Sub-builds of one build. For those that nobody knows yet, it gathers what is to be known. */
export class SubBuilds {
  readonly #parts: SubBuildParts;
  readonly #known = new Map<ExecPath, Known>();
  readonly #begun: SubBuild[] = [];
  /** Actions that ended so that their results may be kept, with what they printed. */
  readonly #ended = new Map<ExecPath, string>();
  readonly #sound = new Set<ExecPath>();
  readonly #reads = new Map<ExecPath, ReadSet>();

  constructor(parts: SubBuildParts) {
    this.#parts = parts;
  }

  /**
   * Looks for the results of what was yielded, and says how many it found. Where records tell of
   * one of the actions, they tell more exactly what is still good. Throws a StoreError.
   */
  async open(yielding: Yielding): Promise<number> {
    const { records, inputs, shared } = this.#parts;
    const members = membersOf(yielding, this.#parts);
    if (members.length === 0) return 0;
    if (members.some((action) => records.durationOf(actionId(action)) !== undefined)) return 0;
    const key = keyOfSubBuild(yielding, members, this.#parts);
    if (key === undefined) return 0;
    const found = this.#here(key) ?? (await this.#elsewhere(key, members));
    const holds = [...(found?.result.machine ?? [])].every(
      ([path, fact]) => machineFact(path, inputs) === fact,
    );
    const known = found !== undefined && holds ? found : undefined;
    this.#begun.push({ key, members, known: known?.result });
    if (known === undefined) return 0;
    const taken = members.filter((action) => this.#learn(action, known));
    const isHere = (action: Action) => this.#parts.filesOf(action) === "now";
    if (known.isRemote) await shared?.fetch(taken.filter(isHere).flatMap(outputsIn(known.result)));
    return taken.length;
  }

  /** The end of `action` by what is known of all; undefined when it is to be looked at by itself. */
  take(action: Action, demand: Demand): Done | undefined {
    const known = this.#known.get(actionId(action));
    if (known === undefined || isMadeAgain(demand)) return undefined;
    const { store, filesOf, inputs } = this.#parts;
    const isLate = known.isRemote && filesOf(action) === "later";
    const isHere = ([, node]: readonly [ExecPath, Node]) => isNodeComplete(node, store.cas);
    if (demand.isWhole && !isLate && ![...known.outputs].every(isHere)) return undefined;
    inputs.addOutputs(known.outputs);
    const outcome = known.isRemote ? "remoteHit" : "localHit";
    const { printed } = known;
    const saved = savedBy(outcome, known.wallMs);
    const why: Why = { causes: [{ kind: "new" }] };
    return { kind: "succeeded", outcome, wallMs: 0, ...saved, printed, why };
  }

  /** Takes note that nothing changed while `action` was carried out. */
  noteSound(action: Action): void {
    this.#sound.add(actionId(action));
  }

  noteReads(id: ExecPath, reads: ReadSet): void {
    if (this.#begun.length > 0) this.#reads.set(id, reads);
  }

  noteEnd(action: Action, printed: string): void {
    if (this.#begun.length > 0) this.#ended.set(actionId(action), printed);
  }

  /** Keeps what was not known, unless a source was touched since the build began. Throws a StoreError. */
  save(): void {
    const fresh = this.#begun.filter(({ members }) => members.some((one) => this.#isFresh(one)));
    if (fresh.length === 0) return;
    // Their keys are of what was read first, and the results of what was read later.
    for (const path of this.#parts.inputs.watched()) {
      if (touchedMs(path) > this.#parts.startMs - kernelTickMs) return;
    }
    for (const subBuild of fresh) this.#save(subBuild);
  }

  #here(key: Digest): Found | undefined {
    const { store, shared } = this.#parts;
    // Each result that others lack is to be offered to them, unless they have the whole as well.
    const found = shared?.gives === true ? undefined : store.actionCache.read(key);
    const result = found && decodeSubBuild(found, store.cas);
    return result && { result, isRemote: false };
  }

  async #elsewhere(key: Digest, members: readonly Action[]): Promise<Found | undefined> {
    const { shared, filesOf, store } = this.#parts;
    const files = members.every((action) => filesOf(action) === "now") ? "now" : "later";
    const found = await shared?.find(key, { files, outputs: [] });
    if (found === undefined) return undefined;
    await shared?.fetch([{ kind: "file", digest: found.stdout, executable: false }]);
    const result = decodeSubBuild(found, store.cas);
    return result && { result, isRemote: true };
  }

  /** Whether all that `action` gives is among what was found. */
  #learn(action: Action, { result, isRemote }: Found): boolean {
    const outputs = outputsOf(action, result.outputs);
    if (outputs === undefined) return false;
    const printed = result.printed.get(actionId(action)) ?? "";
    const wallMs = result.wallMs.get(actionId(action)) ?? 0;
    this.#known.set(actionId(action), { outputs, printed, wallMs, isRemote });
    return true;
  }

  #isFresh(action: Action): boolean {
    const id = actionId(action);
    if (!this.#sound.has(id) || !this.#ended.has(id)) return false;
    return action.kind !== "compile" || this.#reads.has(id);
  }

  #save({ key, members, known }: SubBuild): void {
    const { inputs, store, shared, records } = this.#parts;
    const outputs = new Map(known?.outputs);
    const printed = new Map(known?.printed);
    const wallMs = new Map(known?.wallMs);
    const machine = new Map(known?.machine);
    for (const action of members.filter((one) => this.#isFresh(one))) {
      const id = actionId(action);
      for (const path of action.outputs) {
        const node = inputs.outputAt(path);
        if (node !== undefined) outputs.set(path, node);
      }
      if (this.#ended.get(id) !== "") printed.set(id, this.#ended.get(id) ?? "");
      const ownMs = records.durationOf(id) ?? 0;
      if (ownMs > 0) wallMs.set(id, ownMs);
      const reads = this.#reads.get(id);
      if (action.kind !== "compile" || reads === undefined) continue;
      for (const path of machinePathsOf(action, reads)) {
        if (!machine.has(path)) machine.set(path, machineFact(path, inputs));
      }
    }
    const result = encodeSubBuild({ outputs, printed, wallMs, machine }, store.cas);
    store.actionCache.write(key, result);
    // What stayed with others cannot be given to them.
    if (shared?.gives === true && isComplete(result, store.cas)) shared.give({ key, result });
  }
}

interface SubBuild {
  readonly key: Digest;
  readonly members: readonly Action[];
  /** What was found of it. */
  readonly known: SubBuildResult | undefined;
}

interface Found {
  readonly result: SubBuildResult;
  readonly isRemote: boolean;
}

/** The result of an action. */
interface Known {
  readonly outputs: ReadonlyMap<ExecPath, Node>;
  readonly printed: string;
  readonly wallMs: number;
  readonly isRemote: boolean;
}

/** When what stands at `path`, or where that leads, was last changed; never: there is nothing. */
function touchedMs(path: string): number {
  const own = lstatSync(path, { throwIfNoEntry: false });
  const led =
    own?.isSymbolicLink() === true ? statSync(path, { throwIfNoEntry: false }) : undefined;
  const times = [own, led].flatMap((stats) => (stats ? [stats.mtimeMs, stats.ctimeMs] : []));
  return Math.max(Number.NEGATIVE_INFINITY, ...times);
}

/** The outputs of `action` among `all`; undefined unless all of them are. */
function outputsOf(
  action: Action,
  all: ReadonlyMap<ExecPath, Node>,
): ReadonlyMap<ExecPath, Node> | undefined {
  const outputs = new Map<ExecPath, Node>();
  for (const path of action.outputs) {
    const node = all.get(path);
    if (node === undefined) return undefined;
    outputs.set(path, node);
  }
  return outputs;
}

function outputsIn({ outputs }: SubBuildResult): (action: Action) => Node[] {
  return (action) => action.outputs.flatMap((path) => outputs.get(path) ?? []);
}
