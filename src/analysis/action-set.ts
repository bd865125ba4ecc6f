import { isDeepStrictEqual } from "node:util";

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { Report, Span } from "../diagnostic/diagnostic.ts";
import { isExecPath } from "../action/exec-path.ts";
import { dependencyOrder } from "../graph/dependency-order.ts";
import { edgesOf } from "../graph/edges.ts";
import type { Target } from "../graph/graph.ts";
import type { Label } from "../label/label.ts";
import type { TargetResult } from "../rule/rule.ts";
import { faultOfAction } from "./action-shape.ts";
import { componentRoot, outputDirectoryOf, outputRoot } from "./exec-path.ts";

/** The actions of an analysis, each checked as it comes in, and the outputs against each other. */
export class ActionSet {
  readonly #actions = new Map<ExecPath, { readonly action: Action; readonly at: Span }>();
  readonly #makers = new Map<ExecPath, ExecPath>();
  /** Targets with actions that list further ones, which may make what is not made yet. */
  readonly #yielding = new Set<Label>();
  /** Whether actions were refused, without which outputs lack. */
  #isFaulty = false;
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Takes in `action`. One that another target has asked for already, word for word, is shared. */
  add(action: Action, at: Span): void {
    const problem = problemOf(action);
    if (problem !== undefined) {
      this.#broken(`${action.owner} has an action ${action.mnemonic} ${problem}`, at);
      return;
    }
    const id = actionId(action);
    const known = this.#actions.get(id);
    if (known !== undefined && isSame(known.action, action)) return;
    for (const output of action.outputs) {
      const maker = this.#makers.get(output);
      if (maker !== undefined) {
        this.#conflict(output, this.#actions.get(maker)?.action, { action, at });
        return;
      }
    }
    for (const output of action.outputs) this.#makers.set(output, id);
    this.#actions.set(id, { action, at });
    if (action.yields !== undefined) this.#yielding.add(action.owner);
  }

  /** Reports outputs that lie inside other outputs, as one would undo the other. */
  checkConflicts(): void {
    for (const [output, maker] of this.#makers) {
      for (let end = output.lastIndexOf("/"); end > 0; end = output.lastIndexOf("/", end - 1)) {
        const above = this.#makers.get(output.slice(0, end));
        const inner = this.#actions.get(maker);
        if (above === undefined || inner === undefined) continue;
        this.#conflict(output.slice(0, end), this.#actions.get(above)?.action, inner);
      }
    }
  }

  /**
   * Reports outputs of targets that no action makes: whoever asked for them would wait in vain. Of a
   * target whose actions yield others, those may make them.
   */
  checkMade(targets: readonly Target[], results: ReadonlyMap<Label, TargetResult>): void {
    if (this.#isFaulty) return;
    for (const target of targets) {
      const stray = results.get(target.label)?.outputs.find((path) => !this.#isMade(path));
      if (target.kind !== "rule" || stray === undefined) continue;
      const owner = `${outputDirectoryOf(target.label)}/`;
      // What another target gives is that one's to make, and was looked at there.
      if (!stray.startsWith(owner) || this.#yielding.has(target.label)) continue;
      const message = `the rule ${target.rule.name} gives ${stray} for ${target.label}, and no action makes it`;
      this.#broken(message, target.at);
    }
  }

  /** Reports actions that wait for each other: none of them could ever run. */
  checkOrder(): void {
    const actions = this.all();
    const numbers = new Map(actions.map((action, number) => [actionId(action), number] as const));
    const edges = edgesOf(actions.length, (node, add) => {
      for (const input of actions[node]!.inputs) {
        const maker = isMadeByActions(input) ? this.#makerOf(input) : undefined;
        const number = maker === undefined ? undefined : numbers.get(maker);
        if (number !== undefined) add(number);
      }
    });
    const { cycles } = dependencyOrder(actions.keys(), edges);
    for (const [first = 0, ...others] of cycles) {
      const names = [first, ...others, first].map((number) => actionId(actions[number]!));
      const { owner, at } = { owner: actions[first]!.owner, at: this.#actions.get(names[0]!)!.at };
      this.#broken(`actions of ${owner} wait for each other: ${names.join(" -> ")}`, at);
    }
  }

  #isMade(path: ExecPath): boolean {
    return !isMadeByActions(path) || this.#makerOf(path) !== undefined;
  }

  /** The action that makes `path`, or a directory around it. */
  #makerOf(path: ExecPath): ExecPath | undefined {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const maker = this.#makers.get(path.slice(0, end));
      if (maker !== undefined) return maker;
    }
    return undefined;
  }

  /** In the order in which they came. */
  all(): Action[] {
    return [...this.#actions.values()].map(({ action }) => action);
  }

  #conflict(
    output: ExecPath,
    first: Action | undefined,
    second: { action: Action; at: Span },
  ): void {
    this.#isFaulty = true;
    this.#report({
      severity: "error",
      code: "output-conflict",
      message: `${second.action.owner} and ${first?.owner ?? second.action.owner} both make ${output}`,
      at: second.at,
    });
  }

  #broken(message: string, at: Span): void {
    this.#isFaulty = true;
    this.#report({
      severity: "error",
      code: "broken-rule-set",
      message,
      at,
      help: "this is a defect of the rule set, not of your file",
    });
  }
}

/** Whether `path` is none of the workspace's own, of which there may be a great many. */
function isMadeByActions(path: ExecPath): boolean {
  return path.startsWith(`${outputRoot}/`) || path.startsWith(`${componentRoot}/`);
}

/** What is wrong with `action`, to stand behind its name; undefined when nothing is. */
function problemOf(action: Action): string | undefined {
  const fault = faultOfAction(action);
  if (fault !== undefined) return fault;
  const bad = [...action.inputs, ...action.outputs].find(
    (path) => !isExecPath(path) && path !== ".",
  );
  if (bad !== undefined) return `with the path "${bad}", which leaves the workspace`;
  const inputs = new Set(action.inputs);
  const stray = action.outputs.find((output) => inputs.has(output));
  if (stray !== undefined) return `that has ${stray} both as input and as output`;
  if (action.yields !== undefined && !action.outputs.includes(action.yields)) {
    return `that yields actions by ${action.yields}, which is none of its outputs`;
  }
  return undefined;
}

function isSame(one: Action, other: Action): boolean {
  return isDeepStrictEqual({ ...one, owner: "" }, { ...other, owner: "" });
}
