import { isDeepStrictEqual } from "node:util";

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { Report, Span } from "../diagnostic/diagnostic.ts";
import { isExecPath } from "../action/exec-path.ts";

/** The actions of an analysis, each checked as it comes in, and the outputs against each other. */
export class ActionSet {
  readonly #actions = new Map<ExecPath, { readonly action: Action; readonly at: Span }>();
  readonly #makers = new Map<ExecPath, ExecPath>();
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

  /** In the order in which they came. */
  all(): Action[] {
    return [...this.#actions.values()].map(({ action }) => action);
  }

  #conflict(
    output: ExecPath,
    first: Action | undefined,
    second: { action: Action; at: Span },
  ): void {
    this.#report({
      severity: "error",
      code: "output-conflict",
      message: `${second.action.owner} and ${first?.owner ?? second.action.owner} both make ${output}`,
      at: second.at,
    });
  }

  #broken(message: string, at: Span): void {
    this.#report({
      severity: "error",
      code: "broken-rule-set",
      message,
      at,
      help: "this is a defect of the rule set, not of your file",
    });
  }
}

/** What is wrong with `action`, to stand behind its name; undefined when nothing is. */
function problemOf(action: Action): string | undefined {
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
