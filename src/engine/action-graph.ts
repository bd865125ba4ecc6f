// The actions of a build, and which of them need which. Grows; knows no plan and no result.

import { type Action, actionId, type ExecPath, type Resources } from "../action/action.ts";
import { outputDirectoryOf, outputRoot } from "../analysis/exec-path.ts";
import type { PlanNode } from "../schedule/vertex.ts";

/** Further actions, as a plan takes them in. */
export interface Growth {
  readonly adds: readonly PlanNode[];
  readonly edges: readonly (readonly [from: ExecPath, needs: ExecPath])[];
  readonly goals: readonly ExecPath[];
}

/** What actions take as nodes of a plan. */
export interface GraphOptions {
  /** How long an action is thought to take, in milliseconds. */
  readonly durationOf: (action: Action) => number;
  /** What an action takes when it starts; absent: what it takes to run. */
  readonly resourcesOf?: (action: Action) => Resources;
}

/** What `action` takes to run. */
export function resourcesOf({ resources = { cpu: 1 } }: Action): Resources {
  return resources;
}

/** All actions so far, by what they make. */
export class ActionGraph {
  readonly #options: GraphOptions;
  readonly #actions = new Map<ExecPath, Action>();
  readonly #makers = new Map<ExecPath, Action>();
  /** Actions that yield, by the output directory of the target that they yield for. */
  readonly #yielders = new Map<ExecPath, Action[]>();
  /** Who waits for a path that nothing makes as yet; undefined among them stands for the user. */
  readonly #awaited = new Map<ExecPath, (ExecPath | undefined)[]>();

  constructor(actions: readonly Action[], options: GraphOptions) {
    this.#options = options;
    for (const action of actions) this.#insert(action);
  }

  get size(): number {
    return this.#actions.size;
  }

  find(id: ExecPath): Action | undefined {
    return this.#actions.get(id);
  }

  all(): Iterable<Action> {
    return this.#actions.values();
  }

  /** The action that makes `path`, or a directory that holds it; undefined for a source. */
  makerOf(path: ExecPath): Action | undefined {
    const maker = this.#makers.get(path);
    if (maker !== undefined) return maker;
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const above = this.#makers.get(path.slice(0, end));
      if (above !== undefined) return above;
    }
    return undefined;
  }

  /** All actions as nodes. To be asked once, before any `grow`. */
  nodes(): PlanNode[] {
    return [...this.#actions.values()].map((action) => this.#nodeOf(action));
  }

  /** The actions that `outputs`, which the user wants, come from. */
  goalsFor(outputs: readonly ExecPath[]): ExecPath[] {
    return [...new Set(outputs.flatMap((path) => this.#needsFor(path, undefined)))];
  }

  /** Takes in what an action yielded; or says in a line why that cannot be. */
  grow(actions: readonly Action[]): Growth | { readonly problem: string } {
    const fresh: Action[] = [];
    for (const action of actions) {
      const taken = action.outputs.find((output) => this.makerOf(output) !== undefined);
      if (taken !== undefined) return { problem: `it lists a second action that makes ${taken}` };
      const directory = outputDirectoryOf(action.owner);
      const stray = action.outputs.find((output) => !output.startsWith(`${directory}/`));
      if (stray !== undefined)
        return { problem: `it lists an action that makes ${stray}, outside of ${directory}` };
      this.#insert(action);
      fresh.push(action);
    }
    const adds = fresh.map((action) => this.#nodeOf(action));
    return { adds, ...this.#settle(fresh) };
  }

  #insert(action: Action): void {
    this.#actions.set(actionId(action), action);
    for (const output of action.outputs) this.#makers.set(output, action);
    if (action.yields === undefined) return;
    const directory = outputDirectoryOf(action.owner);
    this.#yielders.set(directory, [...(this.#yielders.get(directory) ?? []), action]);
  }

  #nodeOf(action: Action): PlanNode {
    const id = actionId(action);
    const needs = new Set<ExecPath>();
    for (const input of action.inputs) {
      for (const need of this.#needsFor(input, id)) if (need !== id) needs.add(need);
    }
    const { durationOf, resourcesOf: ofStart = resourcesOf } = this.#options;
    const [resources, priorityMs] = [ofStart(action), durationOf(action)];
    return { id, needs: [...needs], resources, priorityMs };
  }

  /** What must be done before `path` is there. Where that is yet to be yielded, who yields. */
  #needsFor(path: ExecPath, consumer: ExecPath | undefined): ExecPath[] {
    const maker = this.makerOf(path);
    if (maker !== undefined) return [actionId(maker)];
    if (this.#yielders.size === 0 || !path.startsWith(`${outputRoot}/`)) return [];
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const yielders = this.#yielders.get(path.slice(0, end));
      if (yielders === undefined) continue;
      this.#awaited.set(path, [...(this.#awaited.get(path) ?? []), consumer]);
      return yielders.map(actionId);
    }
    return [];
  }

  /** Joins `fresh` to what waited for it. */
  #settle(fresh: readonly Action[]): Pick<Growth, "edges" | "goals"> {
    const edges: [ExecPath, ExecPath][] = [];
    const goals: ExecPath[] = [];
    const ids = new Set(fresh.map(actionId));
    for (const [path, consumers] of this.#awaited) {
      const maker = this.makerOf(path);
      // Who was yielded may yield in turn: then whoever waits has to wait for that too.
      const next = maker === undefined ? fresh.filter((one) => mayYield(one, path)) : [maker];
      const awaited = next.map(actionId).filter((id) => ids.has(id));
      if (awaited.length === 0) continue;
      if (maker !== undefined) this.#awaited.delete(path);
      for (const consumer of consumers) {
        if (consumer === undefined) goals.push(...awaited);
        else edges.push(...awaited.map((id): [ExecPath, ExecPath] => [consumer, id]));
      }
    }
    return { edges, goals };
  }
}

/** Whether what `action` yields may make `path`. */
function mayYield({ yields, owner }: Action, path: ExecPath): boolean {
  return yields !== undefined && path.startsWith(`${outputDirectoryOf(owner)}/`);
}
